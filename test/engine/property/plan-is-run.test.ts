import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { onTestFinished, test } from 'vitest';
import { crasher, type Crasher } from '../../crash/world.ts';
import { runExperimentsOf } from './check-experiments.ts';
import { planAndRun } from './check-run.ts';
import { histories, isOfStore, type Step } from './deeds.ts';
import type { Shape } from './model.ts';
import { shapes } from './shapes.ts';
import { Workshop } from './workshop.ts';

/**
 * `ERS_TEST_RUNS=2000 ERS_TEST_SEED=7` looks further than the suite has time for; ERS_TEST_PATH, which a failure tells,
 * goes straight to its smallest counterexample.
 */
const numRuns = Number(process.env['ERS_TEST_RUNS'] ?? 12);
const seed = Number(process.env['ERS_TEST_SEED'] ?? 1);
const path = process.env['ERS_TEST_PATH'];

test(
  'whatever happens to a project, the plan says what a run then does, and the run makes what a run from scratch makes',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'ers-property-engine-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const engine = await crasher(home);
    const property = fc.asyncProperty(shapes, histories, (shape, history) => happen(shape, history, engine));
    await fc.assert(property, {
      ...{ numRuns, seed, unbiased: true },
      ...(path === undefined ? {} : { path, endOnFailure: true }),
    });
  },
  numRuns * 10_000 + 60_000,
);

async function happen(shape: Shape, history: readonly Step[], engine: Crasher): Promise<void> {
  const workshop = new Workshop(shape, engine);
  try {
    for (const { project, deed } of history) {
      const bench = workshop.bench(project);
      if (deed.do === 'run' && deed.set !== undefined) await runExperimentsOf(bench, deed, deed.set);
      else if (deed.do === 'run') await planAndRun(bench, deed);
      else if (isOfStore(deed)) await workshop.do(deed, bench);
      else bench.do(deed);
    }
  } finally {
    workshop.remove();
  }
}
