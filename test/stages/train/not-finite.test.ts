import { expect, test } from 'vitest';
import { notFinite } from '../../../stages/train/not-finite.ts';

const sources = [
  { key: '00000000', name: 'a', period: '6', images: ['images/a_6.png'] },
  { key: '00000001', name: 'a', period: '6', images: ['images/a_6.png'], quadrants: ['a/6', 'b/7'] },
  { key: '00000002', name: 'a', period: '', images: ['images/a.png'], quadrants: ['a/', 'b/'] },
];

test('each sample of the batch is named with its images, a mosaic with those of its quadrants', async () => {
  const dataset = {
    keys: sources.map(({ key }) => key),
    source: (sample: number) => Promise.resolve(sources[sample] ?? Promise.reject(new Error('none'))),
  };
  const { faults } = await notFinite(NaN, 'epoch 2, step 7', dataset, [0, 1, 2]);
  expect(faults).toMatchObject([
    {
      code: 'ERS_LOSS_NOT_FINITE',
      message: [
        'The loss became NaN at epoch 2, step 7, on the samples',
        '00000000 images/a_6.png',
        '00000001 a mosaic of a/6, b/7',
        '00000002 a mosaic of a, b',
      ].join('\n'),
    },
  ]);
});
