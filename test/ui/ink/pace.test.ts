import { describe, expect, it } from 'vitest';
import { meanCost, pause } from '../../../ui/ink/pace.ts';

describe('the pace of drawing', () => {
  it('is at most eight frames a second, and fewer where a frame is dear', () => {
    expect(pause(0)).toBe(125);
    expect(pause(0.5)).toBe(125);
    expect(pause(3)).toBeCloseTo(500, 6);
    expect(pause(100)).toBe(1000);
  });

  it('follows the mean of what frames cost', () => {
    expect(meanCost(undefined, 30)).toBe(30);
    expect(meanCost(10, 20)).toBeCloseTo(11, 10);
  });
});
