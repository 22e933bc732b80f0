import { expect, test } from 'vitest';
import { readOptions } from '../../../bench/parity/options.ts';

test('the options of the command line', () => {
  const args =
    '--encoder resnet50 --channels 4 --decoder 128,64,32,16,8 --classes 5 --size 96 --batch 3 --seed 9';
  expect(readOptions(args.split(' '))).toEqual({
    encoder: 'resnet50',
    channels: 4,
    decoder: [128, 64, 32, 16, 8],
    classes: 5,
    size: 96,
    batch: 3,
    seed: 9,
    ignore: 255,
    weights: null,
    images: null,
    masks: null,
  });
});

test.each([
  ['--encoder vgg', '--encoder must be one of'],
  ['--decoder 1,2,3,4', '--decoder must be five whole numbers'],
  ['--decoder 1,2,3,4,0', '--decoder must be five whole numbers'],
  ['--size 100', '--size must be a multiple of 32.'],
  ['--classes 1', '--classes must be from 2: the cross-entropy of one class is 0'],
  ['--size 32 --batch 1', 'One image of 32×32 pixels gives the deepest batch norms one value a channel'],
  ['--batch 1.5', '--batch must be a whole number from 1.'],
  ['--classes 7 --ignore 6', '--ignore must be a whole number from 7'],
  ['--images a.npy', '--images and --masks go together.'],
  ['--wat 1', "Unknown option '--wat'"],
])('%s is refused: %s', (args, sentence) => {
  expect(readOptions(args.split(' '))).toContain(sentence);
});
