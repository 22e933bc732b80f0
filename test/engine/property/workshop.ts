import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { collect } from '../../../cache/gc.ts';
import { keptResults } from '../../../engine/project/housekeeping.ts';
import type { Crasher } from '../../crash/world.ts';
import type { StoreDeed } from './deeds.ts';
import { Depot } from './depot.ts';
import { Ledger } from './ledger.ts';
import type { Shape } from './model.ts';
import { stageName } from './sketch.ts';
import { Workbench } from './workbench.ts';

/** One project with its store, or two that share one. */
export class Workshop {
  readonly #home = realpathSync(mkdtempSync(join(tmpdir(), 'ers-property-')));
  readonly #shape: Shape;
  readonly #depot: Depot;
  readonly #ledger = new Ledger();
  readonly #benches: readonly [Workbench, ...Workbench[]];

  constructor(shape: Shape, engine: Crasher) {
    this.#shape = shape;
    this.#depot = new Depot(join(this.#home, shape.shared ? 'store' : 'one/.ers'));
    mkdirSync(join(this.#home, 'counts'));
    const bench = (name: string) =>
      new Workbench(join(this.#home, name), shape, { depot: this.#depot, ledger: this.#ledger, engine });
    this.#benches = shape.shared ? [bench('one'), bench('two')] : [bench('one')];
  }

  bench(project: number): Workbench {
    return this.#benches[project] ?? this.#benches[0];
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Does it to the store that all projects share; `by` is the one that asks. */
  async do(deed: StoreDeed, by: Workbench): Promise<void> {
    switch (deed.do) {
      case 'delete-tree':
        this.#depot.deleteTree(deed.tree, deed.manifest);
        return;
      case 'damage-tree':
        this.#depot.damageTree(deed.tree, deed.how);
        return;
      case 'delete-records':
        this.#depot.deleteRecords(deed.key, (digest) => this.#forget(digest));
        return;
      case 'gc':
        await this.#collect(by, deed.killedAt);
        return;
    }
  }

  /** False for a result that stands for a frozen stage: that one says so, and runs no more. */
  #forget(digest: string): boolean {
    const key = this.#ledger.nameOf(digest);
    if (key === undefined) return true;
    if (this.#benches.some(({ world }) => world.frozen.some((result) => result?.key === key))) return false;
    this.#ledger.forget(key);
    for (const bench of this.#benches) bench.forget(key);
    return true;
  }

  /** `ers gc` that keeps nothing but what is needed: that all of it stays, and else nothing. */
  async #collect(by: Workbench, killedAt: string | undefined): Promise<void> {
    if (this.#depot.isEmpty || !by.hasRun) return;
    const before = this.#depot.look().whole;
    if (killedAt !== undefined) await by.engine.run(by.pipeline, killedAt, 'gc');
    const cap = { maxBytes: 0, maxAge: 0, now: Date.now(), keep: keptResults(by.pipeline) };
    const collected = collect(this.#depot.root, { project: by.root, dry: false, ...cap });
    if (!collected.ok || collected.value.type !== 'removed') throw new Error(JSON.stringify(collected));
    const left = this.#depot.look().whole;
    const needs = this.#benches.filter(({ hasRun }) => hasRun).map((bench) => bench.needs());
    const keys = [...needs.flatMap((each) => each ?? []), ...this.#stated()];
    const kept = new Set(keys.flatMap((key) => this.#ledger.treesOf(key) ?? []));
    const expected = [...before].filter((tree) => kept.has(tree));
    expect([...left]).toEqual(expect.arrayContaining(expected));
    // Of a stage that makes other bytes each time all that it ever made stays with its key.
    const isExact =
      this.#ledger.isComplete &&
      !needs.includes(undefined) &&
      this.#shape.stages.every(({ series }) => series === undefined);
    if (isExact) expect([...left].sort()).toEqual(expected.sort());
  }

  /** What `keep:` names. */
  #stated(): readonly string[] {
    return this.#shape.stages.flatMap(({ keep }, at) => {
      const made = this.#ledger.resultsOf(stageName(at));
      if (keep === 'all') return made.flat();
      return keep === 'last' && this.#ledger.isComplete ? made.flatMap((keys) => keys.slice(-1)) : [];
    });
  }
}
