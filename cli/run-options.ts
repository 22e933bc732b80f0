import type { RunRequest } from '../engine/index.ts';
import type { PipelineOptions } from './pipeline-options.ts';

/** What the user may say to `ers run`, whichever of its ways it then goes. */
export interface RunOptions extends PipelineOptions {
  readonly force?: true;
  readonly only?: true;
  readonly keepGoing?: true;
  readonly dry?: true;
  readonly jobs?: number;
  /** False with `--no-wait`. */
  readonly wait: boolean;
  readonly plain?: true;
  readonly json?: true;
  /** A file for a trace of the run. */
  readonly trace?: string;
  /** A stage to make twice. */
  readonly checkDeterminism?: string;
  /** Of the experiment, or before the names of several. */
  readonly name?: string;
}

/** How a run goes on beside failures and other runs. */
export function mannerOf(options: RunOptions): Pick<RunRequest, 'keepGoing' | 'noWait'> {
  return { keepGoing: options.keepGoing === true, noWait: !options.wait };
}
