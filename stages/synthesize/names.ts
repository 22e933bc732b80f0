const FIRST = [
  'alder',
  'ash',
  'birch',
  'bracken',
  'clover',
  'elm',
  'fern',
  'flint',
  'hawthorn',
  'hazel',
  'heron',
  'ivy',
  'larch',
  'linden',
  'marl',
  'oak',
  'plover',
  'rowan',
  'sedge',
  'willow',
] as const;
const SECOND = [
  'brook',
  'dale',
  'end',
  'farm',
  'fen',
  'ford',
  'gate',
  'hill',
  'holm',
  'lea',
  'mere',
  'mill',
  'moor',
  'ridge',
  'side',
  'stead',
  'vale',
  'water',
  'wick',
  'wold',
] as const;

/** The name of a place, unlike that of every other of the 400; with an underscore, as names of tiles often have. */
export function nameOf(place: number): string {
  const round = Math.floor(place / FIRST.length);
  const first = FIRST[(place * 7) % FIRST.length];
  const second = SECOND[(place * 3 + round) % SECOND.length];
  if (first === undefined || second === undefined)
    throw new Error(`Internal error: no name for place ${place}`);
  return `${first}_${second}`;
}
