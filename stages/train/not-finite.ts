import { FaultError, settle } from '../../base/fault.ts';
import type { Dataset } from '../shards/reader/dataset.ts';

/** The fault for a loss that became NaN or infinite: where, and on which samples of `dataset`, with the images they are made of. */
export async function notFinite(
  loss: number,
  where: string,
  dataset: Pick<Dataset, 'keys' | 'source'>,
  samples: readonly number[],
): Promise<FaultError> {
  const lines = await Promise.all(samples.map((sample) => saySample(dataset, sample)));
  return new FaultError({
    code: 'ERS_LOSS_NOT_FINITE',
    message: `The loss became ${loss} at ${where}, on the samples\n${lines.join('\n')}`,
    hint: 'Lower `optimizer.lr`, or look at these images; weights from an encoder file may be damaged.',
  });
}

/** A source is named NAME/PERIOD, with no period where a mask has one image. */
function sayQuadrant(source: string): string {
  return source.replace(/\/$/, '');
}

/** A sample whose description is damaged still has a key, and the loss is what is to be told. */
async function saySample(dataset: Pick<Dataset, 'keys' | 'source'>, sample: number): Promise<string> {
  const key = dataset.keys[sample] ?? '?';
  const source = await settle(() => dataset.source(sample));
  if (!source.ok) return key;
  const { images, quadrants } = source.value;
  return quadrants === undefined
    ? [key, images.join(', ')].filter((part) => part !== '').join(' ')
    : `${key} a mosaic of ${quadrants.map(sayQuadrant).join(', ')}`;
}
