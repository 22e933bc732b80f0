import { readFileSync } from 'node:fs';
import { openProject, run, type RunRequest } from '../../engine/index.ts';
import type { Pipeline } from '../../engine/definition/types.ts';
import { tidy } from './tidy.ts';

/**
 * An engine in a process of its own, which a test or `ERS_TEST_CRASH_AT` may kill:
 * `node engine.mjs PIPELINE.json [run|gc] [REQUEST]`, the request as JSON. A run prints each event as a line; `gc` keeps only what is in use.
 */
const [, , file, what = 'run', asked = '{}'] = process.argv;
if (file === undefined) throw new Error('expected the path of a pipeline');
const read = JSON.parse(readFileSync(file, 'utf8')) as Omit<Pipeline, 'stages'> & {
  readonly stages: readonly [Pipeline['order'][number], NonNullable<ReturnType<Pipeline['stages']['get']>>][];
};
const project = openProject(
  { ...read, stages: new Map(read.stages) },
  {
    dist: '/no-dist',
    runtimes: {},
    env: process.env,
    now: () => Date.now(),
    strictRuntime: false,
    ers: '0.0.0',
    commandLine: (...words) => `npx ers ${words.join(' ')}`,
  },
);
if (!project.ok) throw new Error(JSON.stringify(project.faults));
if (what === 'gc') await tidy(project.value, 0);
else {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.exitCode = await run(
    project.value,
    { targets: [], force: false, only: false, ...(JSON.parse(asked) as Partial<RunRequest>) },
    {
      emit: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
      signal: stop.signal,
      jobs: 2,
      cores: 1,
    },
  );
}
