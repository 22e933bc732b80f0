/** What a batch or a step of the optimizer asks for and the train set cannot fill. */
export function sayUnfilled(
  { batch_size: size, accumulate }: { readonly batch_size: number; readonly accumulate: number },
  samples: number,
): readonly string[] {
  const batches = Math.ceil(samples / size);
  return [
    ...(size > samples
      ? [
          `train.batch_size is ${size}, and the train set has ${samples} samples: each step takes all of them.`,
        ]
      : []),
    ...(accumulate > batches
      ? [
          `train.accumulate is ${accumulate}, and an epoch has ${batches} ${batches === 1 ? 'batch' : 'batches'}: the optimizer steps once an epoch.`,
        ]
      : []),
  ];
}
