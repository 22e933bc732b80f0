import { describe, expect, it } from 'vitest';
import { isInteractive, wantsColour } from '../../cli/io.ts';

describe('the terminal', () => {
  it.each([
    [true, {}, true],
    [true, { CI: 'true' }, false],
    [true, { CI: '' }, false],
    [true, { CI: '0' }, true],
    [true, { CI: 'false' }, true],
    [true, { CONTINUOUS_INTEGRATION: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [undefined, {}, false],
  ])('a TTY %s with %j is redrawn: %s', (isTTY, env, redrawn) =>
    expect(isInteractive(isTTY, env)).toBe(redrawn),
  );

  it.each([
    [true, {}, true],
    [undefined, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [undefined, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
  ])('a TTY %s with %j is coloured: %s', (isTTY, env, coloured) =>
    expect(wantsColour(isTTY, env)).toBe(coloured),
  );
});
