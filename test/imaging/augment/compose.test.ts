import { beforeAll, describe, expect, test } from 'vitest';
import { prepareRandom, randomAt } from '../../../base/random.ts';
import { compose, type Step } from '../../../imaging/augment/compose.ts';
import { rastersOf, type Sample } from '../../../imaging/augment/transform.ts';
import { stepsOf } from '../../../stages/shards/steps.ts';
import { smallParams } from '../../stages/shards/dataset.ts';
import { oneDate } from '../golden.ts';

beforeAll(prepareRandom);

const runs = 4000;
/** Four standard deviations of a share p out of `runs`. */
const tolerance = (p: number): number => 4 * Math.sqrt((p * (1 - p)) / runs);

/** A step that only says it happened. */
const marks = (steps: readonly Step[]): readonly Step[] => {
  const mark = (step: Exclude<Step, { oneOf: unknown }>): Step => ({
    ...step,
    draw: (random, width, height) => ({
      parameters: step.draw(random, width, height).parameters,
      image: (same) => same,
    }),
  });
  return steps.map((step) =>
    'oneOf' in step
      ? { ...step, oneOf: step.oneOf.map((member) => mark(member) as typeof member) }
      : mark(step),
  );
};

describe('the recipe over 4000 samples', () => {
  test('each transform happens as often as the recipe says, within 4 standard deviations', async () => {
    const steps = marks(stepsOf(smallParams().augment));
    const counts = new Map<string, number>();
    let blurred = 0;
    for (let index = 0; index < runs; index += 1) {
      const { transforms } = await compose(steps, oneDate, (name) => randomAt('test', index, name));
      for (const { name } of transforms) counts.set(name, (counts.get(name) ?? 0) + 1);
      const blur = transforms.find(({ name }) => name === 'gaussian_blur');
      if (blur?.['size'] === 3) blurred += 1;
    }
    const expected = {
      shift_scale_rotate: 0.5,
      horizontal_flip: 0.5,
      vertical_flip: 0.5,
      optical_distortion: 0.07,
      grid_distortion: 0.07,
      gaussian_blur: 0.07,
      jpeg_compression: 0.14,
      brightness_contrast: 0.5,
    };
    for (const [name, p] of Object.entries(expected)) {
      expect(Math.abs((counts.get(name) ?? 0) / runs - p), name).toBeLessThan(tolerance(p));
    }
    // Sizes 1, 2 (→ 3) and 3 are drawn alike.
    expect(Math.abs(blurred / runs - (0.07 * 2) / 3)).toBeLessThan(tolerance(0.0467));
  });

  test('drawn parameters stay within their limits', async () => {
    const steps = marks(stepsOf(smallParams().augment));
    for (let index = 0; index < 500; index += 1) {
      const { transforms } = await compose(steps, oneDate, (name) => randomAt('limits', index, name));
      for (const record of transforms) {
        const within = (key: string, low: number, high: number): void => {
          const value = record[key];
          if (typeof value !== 'number') return;
          expect(value, `${record.name} ${key}`).toBeGreaterThanOrEqual(low);
          expect(value, `${record.name} ${key}`).toBeLessThanOrEqual(high);
        };
        within('angle', -35, 35);
        within('scale', 0.8, 1.2);
        within('dx', -0.0625, 0.0625);
        within('dy', -0.0625, 0.0625);
        within('k', -0.05, 0.05);
        within('quality', 50, 100);
        within('alpha', 0.93, 1.07);
        within('beta', -0.1, 0.1);
      }
    }
  });
});

test('the transforms run in order, leave the given sample alone and mix no class values', async () => {
  const before = rastersOf(oneDate).map(({ pixels }) => pixels.slice());
  const always = stepsOf({
    ...smallParams().augment,
    shift_scale_rotate: { p: 1, shift_limit: 0.0625, scale_limit: 0.2, rotate_limit: 35 },
    horizontal_flip: { p: 1 },
    vertical_flip: { p: 1 },
    brightness_contrast: { p: 1, brightness_limit: 0.1, contrast_limit: 0.07 },
  });
  for (let index = 0; index < 40; index += 1) {
    const { sample: made, transforms } = await compose(always, oneDate, (name) =>
      randomAt('order', index, name),
    );
    const names = transforms.map(({ name }) => name);
    expect([names[0], names[1], names[2], names.at(-1)]).toEqual([
      'shift_scale_rotate',
      'horizontal_flip',
      'vertical_flip',
      'brightness_contrast',
    ]);
    expect([...new Set(made.mask.pixels)].every((value) => value < 7)).toBe(true);
  }
  expect(rastersOf(oneDate).map(({ pixels }) => pixels)).toEqual(before);
});

test('another probability of one step leaves the draws of the others alone', async () => {
  const { augment } = smallParams();
  const without = stepsOf({ ...augment, horizontal_flip: { p: 0 } });
  for (let index = 0; index < 30; index += 1) {
    const randomFor = (name: string) => randomAt('apart', index, name);
    const all = await compose(marks(stepsOf(augment)), oneDate, randomFor);
    const fewer = await compose(marks(without), oneDate, randomFor);
    expect(fewer.transforms).toEqual(all.transforms.filter(({ name }) => name !== 'horizontal_flip'));
  }
});

describe('a sample of three dates', () => {
  const { images, mask } = oneDate;
  const threeDates: Sample = { images: [...images, ...images, ...images], mask };
  const randomOf =
    (index: number) =>
    (name: string, ...date: readonly number[]) =>
      randomAt('dates', index, name, ...date);
  const { augment } = smallParams();
  const only = (change: Partial<typeof augment>): typeof augment => ({
    shift_scale_rotate: { ...augment.shift_scale_rotate, p: 0 },
    horizontal_flip: { p: 0 },
    vertical_flip: { p: 0 },
    one_of: { ...augment.one_of, p: 0 },
    brightness_contrast: { ...augment.brightness_contrast, p: 0 },
    ...change,
  });
  const oneOf = (name: Exclude<keyof typeof augment.one_of, 'p'>) => {
    const p = (member: string): number => (member === name ? 1 : 0);
    const { optical_distortion, grid_distortion, gaussian_blur, jpeg_compression } = augment.one_of;
    return only({
      one_of: {
        p: 1,
        optical_distortion: { ...optical_distortion, p: p('optical_distortion') },
        grid_distortion: { ...grid_distortion, p: p('grid_distortion') },
        gaussian_blur: { ...gaussian_blur, p: p('gaussian_blur') },
        jpeg_compression: { ...jpeg_compression, p: p('jpeg_compression') },
      },
    });
  };

  test.each([
    ['shift_scale_rotate', only({ shift_scale_rotate: { ...augment.shift_scale_rotate, p: 1 } })],
    ['horizontal_flip', only({ horizontal_flip: { p: 1 } })],
    ['vertical_flip', only({ vertical_flip: { p: 1 } })],
    ['optical_distortion', oneOf('optical_distortion')],
    ['grid_distortion', oneOf('grid_distortion')],
  ] as const)('%s moves all dates and the mask as one', async (name, params) => {
    const made = await compose(stepsOf(params), threeDates, randomOf(1));
    const alone = await compose(stepsOf(params), oneDate, randomOf(1));
    expect(made.transforms).toEqual(alone.transforms);
    expect(made.transforms.map((record) => record.name)).toEqual([name]);
    expect(made.sample.mask).toEqual(alone.sample.mask);
    for (const image of made.sample.images) expect(image).toEqual(alone.sample.images[0]);
    expect(made.sample.images[0]).not.toEqual(images[0]);
  });

  test.each([
    ['brightness_contrast', only({ brightness_contrast: { ...augment.brightness_contrast, p: 1 } })],
    ['gaussian_blur', oneOf('gaussian_blur')],
    ['jpeg_compression', oneOf('jpeg_compression')],
  ] as const)(
    '%s is drawn for each date, and the first one gets what it would get alone',
    async (name, params) => {
      let apart = 0;
      for (let index = 0; index < 20; index += 1) {
        const made = await compose(stepsOf(params), threeDates, randomOf(index));
        const alone = await compose(stepsOf(params), oneDate, randomOf(index));
        const dates: unknown = made.transforms[0]?.['dates'];
        if (!Array.isArray(dates)) throw new Error('expected the parameters of each date');
        expect(made.transforms).toEqual([{ name, dates }]);
        expect(dates).toHaveLength(3);
        expect([{ name, ...(dates[0] as object) }]).toEqual(alone.transforms);
        expect(made.sample.images[0]).toEqual(alone.sample.images[0]);
        expect(made.sample.mask).toBe(mask);
        if (new Set(dates.map((date) => JSON.stringify(date))).size > 1) apart += 1;
      }
      // Three blur sizes are alike by chance in a third of the samples.
      expect(apart).toBeGreaterThan(4);
    },
  );
});
