import { readOptions, type BenchOptions } from '../train/options.ts';

export const usage = `Says which ops the time of a training step of ers goes to.
  npm run bench:ops -- [--forward] [--batch 8] [--size 256] [--encoder resnet34] [--precision fp32|bf16] [--threads N] [--steps 5]
--forward: predicting the classes of a batch instead of a training step (fp32).
The ops run one after another here, on N threads each, and TensorFlow logs when each begins and ends. The same step is timed
without the log and with ops side by side, as in training.
Exit code 2: an option is wrong.
`;

/** Those of bench:train but for its rounds and its GPU; or the sentence that says what is wrong. */
export function readOpsOptions(args: readonly string[]): BenchOptions | string {
  const foreign = ['--rounds', '--gpu'].find((name) =>
    args.some((arg) => arg === name || arg.startsWith(`${name}=`)),
  );
  if (foreign !== undefined) return `${foreign} is no option of bench:ops.`;
  return readOptions(args);
}
