import { join } from 'node:path';
import type { Bench, TrainParams } from './our-side.ts';
import type { Epoch, Outcome } from './outcome.ts';
import { follow, SideFailed } from './side.ts';

/** A line of bench/peers/torch_recipe.py. */
type Line =
  | { readonly type: 'ready'; readonly what: string }
  | { readonly type: 'epoch'; readonly epoch: number; readonly valIou: number }
  | { readonly type: 'trained' }
  | { readonly type: 'tested'; readonly testIou: number };

/** torch_recipe.py ends with this when it cannot import what it needs. */
const noTorch = 2;

/** Names and versions of what PyTorch's side computes with; undefined where there is no PyTorch. Throws `SideFailed`. */
export async function askTorch({ root, python, folder }: Bench): Promise<string | undefined> {
  let what: string | undefined;
  try {
    await follow([python, scriptIn(root)], folder, (said) => {
      const line = said as Line;
      if (line.type === 'ready') what = line.what;
    });
  } catch (error) {
    // No such program, or a Python that lacks something.
    if (!(error instanceof SideFailed) || (error.code !== noTorch && error.code !== null)) throw error;
  }
  return what;
}

/** The recipe in PyTorch on the shards that ers made, timed from the start of its process to the last epoch's end. */
export async function trainWithTorch(bench: Bench, params: TrainParams, seed: number): Promise<Outcome> {
  const epochs: Epoch[] = [];
  let [ended, testIou] = [NaN, NaN];
  const seeded = { ...params, train: { ...params.train, seed } };
  await run(bench, seeded, null, (line, seconds) => {
    if (line.type === 'epoch') epochs.push({ epoch: line.epoch, valIou: line.valIou, seconds });
    if (line.type === 'trained') ended = seconds;
    if (line.type === 'tested') testIou = line.testIou;
  });
  return { epochs, seconds: ended, testIou };
}

/** Test IoU, as PyTorch computes it, of the weights that ers trained last. */
export async function testInTorch(bench: Bench, params: TrainParams): Promise<number> {
  let testIou = NaN;
  await run(bench, params, join(bench.folder, 'artifacts/train/model/model.safetensors'), (line) => {
    if (line.type === 'tested') testIou = line.testIou;
  });
  return testIou;
}

function run(
  { root, python, folder, threads }: Bench,
  params: TrainParams,
  weights: string | null,
  take: (line: Line, seconds: number) => void,
): Promise<void> {
  const job = { shards: join(folder, 'artifacts', 'shards'), params, threads, weights };
  const argv = [python, scriptIn(root), JSON.stringify(job)] as const;
  return follow(argv, folder, (line, seconds) => take(line as Line, seconds));
}

function scriptIn(root: string): string {
  return join(root, 'bench', 'peers', 'torch_recipe.py');
}
