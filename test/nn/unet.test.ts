import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EncoderName } from '../../nn/encoders/encoder.ts';
import { encoderNames } from '../../nn/encoders/encoder.ts';
import { Graph, sizeOf } from '../../nn/graph/graph.ts';
import { unet } from '../../nn/unet.ts';

/** Made by bench/peers/counts_golden.py. */
interface Golden {
  readonly counts: readonly {
    readonly encoder: EncoderName;
    readonly channels: number;
    readonly classes: number;
    readonly decoder: readonly number[];
    readonly parameters: number;
  }[];
}

const path = new URL('../golden/nn/counts.json', import.meta.url);
const { counts } = JSON.parse(readFileSync(path, 'utf8')) as Golden;

function trainedNumbers(
  encoder: EncoderName,
  inChannels: number,
  classes: number,
  decoderChannels: readonly number[],
): number {
  const { parameters } = unet(new Graph(), { encoder, inChannels, classes, decoderChannels });
  const trained = parameters.filter(({ trainable }) => trainable);
  return trained.reduce((total, { variable }) => total + sizeOf(variable.shape), 0);
}

test.each([
  [3, 24_436_659],
  [6, 24_437_094],
  [7, 24_437_239],
  [8, 24_437_384],
])('Unet-ResNet34 with %i classes has %i trained numbers', (classes, count) => {
  expect(trainedNumbers('resnet34', 3, classes, [256, 128, 64, 32, 16])).toBe(count);
});

describe.each(encoderNames)('Unet-%s', (name) => {
  const cases = counts.filter(({ encoder }) => encoder === name);

  test('has as many trained numbers as in smp, whatever the channels, classes and decoder', () => {
    expect(cases).toHaveLength(30);
    const ours = cases.map(({ encoder, channels, classes, decoder }) =>
      trainedNumbers(encoder, channels, classes, decoder),
    );
    expect(ours).toEqual(cases.map(({ parameters }) => parameters));
  });
});
