import { describe, expect, test } from 'vitest';
import { batchSizes } from '../../../stages/train/batches.ts';
import { oneValue } from '../../../stages/train/one-value.ts';

describe('one value a channel', () => {
  const small = { height: 32, width: 32 };

  test('a last batch of one sample of 32×32 pixels is a fault that names a batch size without one', () => {
    expect(oneValue({ samples: 9, batchSize: 4, ...small })).toEqual({
      code: 'ERS_BATCH_TOO_SMALL',
      message:
        'Of 9 train samples in batches of 4 the last batch is one sample of 32×32 pixels: the deepest batch norms would see one value a channel, which has no variance.',
      hint: 'Choose another `train.batch_size`, such as 5, or a larger `image.img_size`.',
    });
  });

  test('batches of one sample are a fault', () => {
    expect(oneValue({ samples: 4, batchSize: 1, ...small })).toMatchObject({
      message: expect.stringMatching(/^A train batch is one sample of 32×32 pixels: /) as string,
      hint: 'Choose another `train.batch_size`, such as 2, or a larger `image.img_size`.',
    });
  });

  test('no batch size helps one sample', () => {
    expect(oneValue({ samples: 1, batchSize: 8, ...small })).toMatchObject({
      message: expect.stringMatching(/^Of 1 train sample in batches of 8 /) as string,
      hint: 'Give more masks, or a larger `image.img_size`.',
    });
  });

  test.each([
    { samples: 10, batchSize: 4, ...small },
    { samples: 9, batchSize: 4, height: 32, width: 64 },
    { samples: 1, batchSize: 1, height: 64, width: 32 },
    { samples: 8, batchSize: 8, ...small },
  ])('two values are none: $samples samples, $batchSize a batch, $height×$width', (asked) => {
    expect(oneValue(asked)).toBeUndefined();
  });

  test('of all small sets exactly those are refused of which some batch is one sample, and the hint helps', () => {
    for (let samples = 2; samples <= 20; samples += 1) {
      for (let batchSize = 1; batchSize <= 21; batchSize += 1) {
        const fault = oneValue({ samples, batchSize, ...small });
        expect(fault !== undefined).toBe(batchSizes(samples, batchSize).includes(1));
        const named = Number(/such as (\d+)/.exec(fault?.hint ?? '')?.[1] ?? 0);
        if (fault !== undefined) expect(batchSizes(samples, named)).not.toContain(1);
      }
    }
  });
});
