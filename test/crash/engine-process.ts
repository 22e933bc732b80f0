import { readFileSync } from 'node:fs';
import type { Pipeline } from '../../engine/definition/types.ts';
import { openProject, run } from '../../engine/index.ts';
import { tidy } from './tidy.ts';

/** `node engine.mjs run|gc PIPELINE.json`: an engine that `ERS_TEST_CRASH_AT` may kill. `gc` keeps only what is in use. */
const [, , what, file = ''] = process.argv;
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
  },
);
if (!project.ok) throw new Error(JSON.stringify(project.faults));
if (what === 'gc') await tidy(project.value, 0);
else {
  process.exitCode = await run(
    project.value,
    { targets: [], force: false, only: false },
    { emit: () => undefined, signal: new AbortController().signal, jobs: 2, cores: 1 },
  );
}
