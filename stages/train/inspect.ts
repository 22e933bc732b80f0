import type { Inspect } from '../../engine/stage.ts';
import { inspectEncoder } from '../../nn/weights/encoder-file.ts';
import type { definition } from './definition.ts';

/** Whether an encoder file is one for the network of the config, as far as its header tells. */
export const inspect: Inspect<typeof definition> = async ({ params, inputs, above, once }) => {
  const { encoder } = inputs;
  if (encoder === undefined) return [];
  // How many dates a stack has is known only after the scan.
  const isStack = above('shards', 'image.periods') === 'stack';
  const bands = isStack ? undefined : above('shards', 'image.channels');
  const channels = typeof bands === 'number' ? bands : undefined;
  const name = params.model.encoder_name;
  return once([encoder, name, channels ?? null], async () => {
    const inspected = await inspectEncoder(encoder, name, channels, 'encoder');
    return inspected.ok ? [] : inspected.faults.map((fault) => ({ ...fault, about: { input: 'encoder' } }));
  });
};

export { sayStanding } from './standing.ts';
