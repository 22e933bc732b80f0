import type { Fault } from '../../base/fault.ts';

/** How often the network halves an image before its deepest batch norms. */
const halvings = 5;

interface Asked {
  readonly samples: number;
  readonly batchSize: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The fault of a training whose deepest batch norms would be given one value a channel: its variance is 0, so that these
 * layers would pass on their bias whatever the image shows. PyTorch refuses it as "Expected more than 1 value per channel
 * when training". Undefined where every batch has more.
 */
export function oneValue({ samples, batchSize, height, width }: Asked): Fault | undefined {
  const values = (height >> halvings) * (width >> halvings);
  if (values > 1 || !leavesOne(samples, batchSize)) return undefined;
  const which =
    batchSize === 1
      ? 'A train batch is one sample'
      : `Of ${samples} train ${samples === 1 ? 'sample' : 'samples'} in batches of ${batchSize} the last batch is one sample`;
  const fitting = nearestFitting(samples, batchSize);
  const larger = 'a larger `image.img_size`';
  return {
    code: 'ERS_BATCH_TOO_SMALL',
    message: `${which} of ${height}×${width} pixels: the deepest batch norms would see one value a channel, which has no variance.`,
    hint:
      fitting === undefined
        ? `Give more masks, or ${larger}.`
        : `Choose another \`train.batch_size\`, such as ${fitting}, or ${larger}.`,
  };
}

/** Whether some batch of an epoch holds one sample. */
function leavesOne(samples: number, batchSize: number): boolean {
  return batchSize === 1 || samples % batchSize === 1;
}

/** The batch size next to the asked one that leaves no batch of one sample; of two, the larger one. */
function nearestFitting(samples: number, batchSize: number): number | undefined {
  if (samples === 1) return undefined;
  for (let apart = 1; ; apart += 1) {
    const size = [batchSize + apart, batchSize - apart].find((near) => near > 1 && !leavesOne(samples, near));
    if (size !== undefined) return size;
  }
}
