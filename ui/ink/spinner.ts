const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** Milliseconds that a frame stands; also how often the screen is drawn. */
export const frameTime = 125;

/** The frame for a clock in milliseconds: a pure function, so that a recording draws the same. */
export function spinnerFrame(now: number): string {
  return frames[Math.floor(now / frameTime) % frames.length] ?? frames[0];
}
