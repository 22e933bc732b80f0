import fc from 'fast-check';
import { test } from 'vitest';
import { planAndRun } from './check-run.ts';
import { histories, isOfStore, type Step } from './deeds.ts';
import type { Shape } from './model.ts';
import { shapes } from './shapes.ts';
import { Workshop } from './workshop.ts';

/**
 * `ERS_TEST_RUNS=2000 ERS_TEST_SEED=7` looks further than the suite has time for; ERS_TEST_PATH, which a failure tells,
 * goes straight to its smallest counterexample.
 */
const numRuns = Number(process.env['ERS_TEST_RUNS'] ?? 16);
const seed = Number(process.env['ERS_TEST_SEED'] ?? 1);
const path = process.env['ERS_TEST_PATH'];

test(
  'whatever happens to a project, the plan says what a run then does, and the run makes what a run from scratch makes',
  async () => {
    await fc.assert(fc.asyncProperty(shapes, histories, happen), {
      ...{ numRuns, seed, unbiased: true },
      ...(path === undefined ? {} : { path, endOnFailure: true }),
    });
  },
  numRuns * 10_000 + 60_000,
);

async function happen(shape: Shape, history: readonly Step[]): Promise<void> {
  const workshop = new Workshop(shape);
  try {
    for (const { project, deed } of history) {
      const bench = workshop.bench(project);
      if (deed.do === 'run') await planAndRun(bench, deed);
      else if (isOfStore(deed)) workshop.do(deed, bench);
      else bench.do(deed);
    }
  } finally {
    workshop.remove();
  }
}
