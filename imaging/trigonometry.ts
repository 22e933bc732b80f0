const quarterTurn = 90;
const radiansPerDegree = Math.PI / 180;

/**
 * Cosine and sine of an angle in degrees by their Taylor series, from additions and multiplications only: V8 changed the
 * last bits of Math.cos and Math.sin between versions, and these numbers reach the bytes of shards. The error is below 4e-16 up to 45°.
 */
export function cosSin(degrees: number): { readonly cos: number; readonly sin: number } {
  const quarters = Math.round(degrees / quarterTurn);
  const angle = (degrees - quarters * quarterTurn) * radiansPerDegree;
  const cos = series(1, 0, angle);
  const sin = series(angle, 1, angle);
  switch (((quarters % 4) + 4) % 4) {
    case 0:
      return { cos, sin };
    case 1:
      return { cos: -sin, sin: cos };
    case 2:
      return { cos: -cos, sin: -sin };
    default:
      return { cos: sin, sin: -cos };
  }
}

/** Σ (−1)^k x^(2k+p)/(2k+p)! for |x| ≤ π/4, where 10 terms are far below the last bit. */
function series(first: number, power: number, angle: number): number {
  let term = first;
  let sum = first;
  for (let k = power; k < power + 20; k += 2) {
    term *= (-angle * angle) / ((k + 1) * (k + 2));
    sum += term;
  }
  return sum;
}
