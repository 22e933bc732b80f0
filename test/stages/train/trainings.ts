import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../base/digest.ts';
import type { TrainingCrashPoint } from '../../../base/crash-point.ts';
import type { StageEvent, StageReport } from '../../../engine/stage.ts';
import type { Result } from '../../../base/fault.ts';
import type { Params } from '../../../stages/train/params.ts';
import { tensorFlowEnv } from '../../../runtime/env.ts';
import { script, type Script } from '../../runtime/child.ts';

/** The stage without an engine, told by JSON; SIGTERM asks it to stop. */
const source = `
import { run } from './stages/train/run.ts';
import { definition } from './stages/train/definition.ts';
import { stageContext } from './test/stages/context.ts';
const trial = stageContext({
  definition,
  ...JSON.parse(process.argv[2]),
  onEvent: (event) => console.log(JSON.stringify(event)),
});
process.once('SIGTERM', () => trial.stop());
const result = await run(trial.context);
console.log(JSON.stringify({ result, outs: trial.outs }));
process.exit(0);
`;

export interface TrainingOptions {
  readonly params: Params;
  readonly deps: Readonly<Record<string, string>>;
  readonly runtime: string;
  readonly checkpoint: string;
  /** On the same file system; its own unless told. */
  readonly tmp?: string;
  /** Seconds between two savings. */
  readonly checkpointEvery: number;
}

export type KillAt = TrainingCrashPoint | `${TrainingCrashPoint}#${number}`;

export interface TrainingEnd {
  readonly events: readonly StageEvent[];
  /** What the stage returned; undefined for one that was killed. */
  readonly result: Result<StageReport> | undefined;
  /** Name → sha256 of the weights, text of the history. */
  readonly bytes: Readonly<Record<string, string>>;
}

/** Trainings in processes of their own, so that they can be killed and given threads. `folder` is for what they leave. */
export class Trainings {
  readonly #script: Script;
  readonly #folder: string;

  private constructor(made: Script, folder: string) {
    this.#script = made;
    this.#folder = folder;
  }

  static async prepare(folder: string): Promise<Trainings> {
    mkdirSync(folder, { recursive: true });
    return new Trainings(await script(source), folder);
  }

  /** One process, until it ends; `crashAt`: where it kills itself, as `step:done#3` for the third time. */
  async run(
    options: TrainingOptions,
    { threads, crashAt = '' }: { readonly threads: number; readonly crashAt?: KillAt | '' },
  ): Promise<TrainingEnd> {
    mkdirSync(options.checkpoint, { recursive: true });
    const text = await this.#script.start([JSON.stringify(options)], {
      ...tensorFlowEnv(threads),
      ERS_TEST_CRASH_AT: crashAt,
      TMPDIR: this.#folder,
    }).ended;
    const lines = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Line => JSON.parse(line) as Line);
    const last = lines.at(-1);
    const end = last !== undefined && 'outs' in last ? last : undefined;
    return {
      events: lines.filter((line): line is StageEvent => 'type' in line),
      result: end?.result,
      bytes: end?.result.ok === true && end.result.value.status === 'done' ? bytesOf(end.outs) : {},
    };
  }

  remove(): void {
    this.#script.remove();
  }
}

type Line =
  StageEvent | { readonly result: Result<StageReport>; readonly outs: Readonly<Record<string, string>> };

function bytesOf({ model = '', history = '' }: Readonly<Record<string, string>>): Record<string, string> {
  return {
    'model.json': readFileSync(join(model, 'model.json'), 'utf8'),
    'model.safetensors': sha256(readFileSync(join(model, 'model.safetensors'))),
    'last.safetensors': sha256(readFileSync(join(model, 'last.safetensors'))),
    'history.jsonl': readFileSync(history, 'utf8'),
  };
}
