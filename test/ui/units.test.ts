import { describe, expect, it } from 'vitest';
import {
  sayBytes,
  sayClock,
  sayCount,
  sayLearningRate,
  sayRate,
  sayScore,
  saySeconds,
  sayShare,
} from '../../ui/units.ts';

describe('units', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [61_840_000, '61.8 MB'],
    [999_600_000, '1.00 GB'],
    [1_043_000_000, '1.04 GB'],
  ])('%d bytes are %s', (bytes, said) => expect(sayBytes(bytes)).toBe(said));

  it.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.6, '1 min 00 s'],
    [151, '2 min 31 s'],
    [3599.7, '1 h 00 min'],
    [3840, '1 h 04 min'],
  ])('%d seconds are %s', (seconds, said) => expect(saySeconds(seconds)).toBe(said));

  it.each([
    [7.9, '0:07'],
    [151, '2:31'],
    [3849, '1:04:09'],
  ])('a clock at %d seconds shows %s', (seconds, said) => expect(sayClock(seconds)).toBe(said));

  it('never says 100 % before all is done', () => {
    expect(sayShare(9999, 10_000)).toBe('99 %');
    expect(sayShare(10_000, 10_000)).toBe('100 %');
    expect(sayShare(0, 0)).toBe('0 %');
  });

  it('keeps small numbers readable', () => {
    expect(sayScore(0.77204)).toBe('0.7720');
    expect(sayScore(0.00012)).toBe('1.20e-4');
    expect(sayScore(9)).toBe('9');
    expect(sayScore(Number.NaN)).toBe('NaN');
    expect(sayLearningRate(0.001)).toBe('0.001');
    expect(sayLearningRate(0.000904508497)).toBe('9.05e-4');
    expect(sayRate(0.42)).toBe('0.42');
    expect(sayRate(98.4)).toBe('98');
    expect(sayCount(1204567)).toBe('1,204,567');
  });
});
