/** The lines of a `history.jsonl` as `step 1 2` (epoch, step) and `epoch 1`, in their order. */
export function stepsIn(history: string): readonly string[] {
  return history
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { readonly type: string; readonly epoch: number; readonly step?: number },
    )
    .map(({ type, epoch, step }) => [type, epoch, ...(step === undefined ? [] : [step])].join(' '));
}

/** What `stepsIn` gives of a training of so many epochs and steps in each: each step once. */
export function eachStepOnce(epochs: number, steps: number): readonly string[] {
  return Array.from({ length: epochs }, (_, at) => at + 1).flatMap((epoch) => [
    ...Array.from({ length: steps }, (_, at) => `step ${epoch} ${at + 1}`),
    `epoch ${epoch}`,
  ]);
}
