import {
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Digest } from '../../../base/digest.ts';
import type { Pipeline } from '../../../engine/definition/types.ts';
import type { StageRecord } from '../../../cache/types.ts';
import { experimentNames, findExperiment } from '../../../engine/experiments/files.ts';
import { currentRecord } from '../../../engine/key/result.ts';
import { currentKey } from '../../../engine/project/current.ts';
import { pin, unpin } from '../../../engine/project/pins.ts';
import type { Crasher } from '../../crash/world.ts';
import { open, pipelineOf, type Sketch } from '../pipelines.ts';
import { files, type Deed, type RunDeed, type StoreDeed } from './deeds.ts';
import type { Depot } from './depot.ts';
import type { Ledger } from './ledger.ts';
import { outPath, type Content, type OutKind, type Result, type Shape, type World } from './model.ts';
import { sketchOf, stageName } from './sketch.ts';
import { readContent, treeText } from './trees.ts';

/** What a project used last for a stage. */
interface Used {
  readonly result: Result;
  /** The name of the outs then. */
  readonly name: number;
  /** The engine's key of it. */
  readonly digest: string;
}

/** What projects that share a store have in common. */
interface Around {
  readonly depot: Depot;
  readonly ledger: Ledger;
  /** An engine that can be killed. */
  readonly engine: Crasher;
}

/** A project on the disk beside the model's world of it: each deed is done to both. */
export class Workbench {
  readonly root: string;
  readonly shape: Shape;
  readonly depot: Depot;
  readonly ledger: Ledger;
  readonly engine: Crasher;
  #world: World;
  readonly #last = new Map<number, Used>();
  /** The model's keys of what is pinned. */
  readonly #pinned = new Set<string>();
  /** Paths of outs where something of the user's own lies. */
  readonly #occupied = new Set<string>();
  hasRun = false;

  constructor(root: string, shape: Shape, { depot, ledger, engine }: Around) {
    this.root = root;
    this.shape = shape;
    this.depot = depot;
    this.ledger = ledger;
    this.engine = engine;
    mkdirSync(join(this.root, 'dir/sub'), { recursive: true });
    const none = shape.stages.map(() => 0);
    const lines = new Map(files.slice(0, 4).map((path) => [path, '0']));
    this.#world = {
      ...{ files: lines, params: { p: '0', q: '0' }, mode: undefined },
      ...{ codes: none, names: none, frozen: shape.stages.map(() => undefined) },
    };
    for (const [path, line] of lines) writeFileSync(join(this.root, path), `${line}\n`);
  }

  get world(): World {
    return this.#world;
  }

  get pipeline(): Pipeline {
    return this.pipelineWith(this.#world.params);
  }

  pipelineWith(params: World['params']): Pipeline {
    const sketches = this.shape.stages.map((_, at): [string, Sketch] => [
      stageName(at),
      sketchOf(this.shape, { ...this.#world, params }, { at, counts: join(this.root, '../counts') }),
    ]);
    return pipelineOf(this.root, Object.fromEntries(sketches), {
      targets: this.shape.targets.map(stageName),
      store: this.depot.root,
    });
  }

  /** A run has come to this result of a stage. */
  used(stage: number, result: Result): void {
    const digest = this.currentDigest(stage);
    expect(digest, `${stageName(stage)} has no current result`).toBeDefined();
    if (digest === undefined) return;
    this.record(stage, result, digest);
    this.#last.set(stage, { result, name: this.#world.names[stage] ?? 0, digest });
  }

  /** The store has this result of a stage, under the engine's key. */
  record(stage: number, { key, outs }: Result, digest: string): void {
    const trees = outs.map((content, out) => this.treeOf(stage, out, content));
    this.ledger.record(key, digest, trees);
  }

  /** What the project used last, if it is what the model knows of; a run that was killed may have come further. */
  last(stage: number): Used | undefined {
    const last = this.#last.get(stage);
    return last?.digest === this.currentDigest(stage) ? last : undefined;
  }

  /** The engine's key of the result in use. */
  currentDigest(stage: number): string | undefined {
    return currentKey(open(this.pipeline, this), stageName(stage));
  }

  /** What the newest record of the stage's current key names. */
  standing(stage: number): readonly Content[] | undefined {
    return this.outsOf(stage, currentRecord(open(this.pipeline, this), stageName(stage)));
  }

  /** What a record of a stage names. */
  outsOf(stage: number, record: StageRecord | undefined): readonly Content[] | undefined {
    if (record === undefined) return undefined;
    return this.#kinds(stage).map((kind, out) => {
      const stored = record.outs[`o${out}`];
      if (stored === undefined) throw new Error(`a record of ${stageName(stage)} without o${out}`);
      return this.depot.contentOf(stored.tree, kind === 'folder');
    });
  }

  /** The model's keys that `gc` is not to touch for this project; undefined where a killed run has come further. */
  needs(): readonly string[] | undefined {
    const stages = [...this.shape.stages.keys()];
    const used = stages.flatMap((at) => this.last(at) ?? []);
    const isKnown = stages.every(
      (at) => (this.last(at) === undefined) === (this.currentDigest(at) === undefined),
    );
    const project = open(this.pipeline, this);
    const tried = experimentNames(project)
      .flatMap((name) => Object.values(findExperiment(project, name)?.stages ?? {}))
      .flatMap(({ key }) => (key === null ? [] : [this.ledger.nameOf(key)]));
    const named = tried.filter((key) => key !== undefined);
    if (!isKnown || named.length < tried.length) return undefined;
    return [...used.map(({ result }) => result.key), ...this.#pinned, ...named];
  }

  isOccupied(stage: number, out: number): boolean {
    return this.#occupied.has(this.#artifact(stage, out));
  }

  /** The records of a result are gone. */
  forget(key: string): void {
    for (const [stage, { result }] of this.#last) if (result.key === key) this.#last.delete(stage);
    this.#pinned.delete(key);
  }

  isFrozen(stage: number): boolean {
    return this.#world.frozen[stage] !== undefined;
  }

  /** The environment as the engine is given it. */
  get env(): NodeJS.ProcessEnv {
    const { mode } = this.#world;
    return { PATH: process.env['PATH'], ...(mode === undefined ? {} : { MODE: mode }) };
  }

  do(deed: Exclude<Deed, RunDeed | StoreDeed>): void {
    switch (deed.do) {
      case 'write':
        this.#write(deed.file, deed.line);
        return;
      case 'write-unseen': {
        const path = join(this.root, fileAt(deed.file));
        const before = statSync(path, { throwIfNoEntry: false });
        this.#write(deed.file, deed.line);
        if (before !== undefined) utimesSync(path, before.atime, before.mtime);
        return;
      }
      case 'remove':
        rmSync(join(this.root, fileAt(deed.file)), { force: true });
        this.#setFiles((lines) => void lines.delete(fileAt(deed.file)));
        return;
      case 'rename':
        this.#rename(fileAt(deed.file), fileAt(deed.to));
        return;
      case 'touch':
        if (this.#world.files.has(fileAt(deed.file))) utimesSync(join(this.root, fileAt(deed.file)), 7, 7);
        return;
      case 'param':
        this.#world = { ...this.#world, params: { ...this.#world.params, [deed.key]: deed.value } };
        return;
      case 'mode':
        this.#world = { ...this.#world, mode: deed.value };
        return;
      case 'code':
        this.#world = { ...this.#world, codes: this.#with(this.#world.codes, deed.stage, deed.code) };
        return;
      case 'out-name':
        // Where a frozen stage would show its outs then is no question of what runs.
        if (this.isFrozen(deed.stage % this.shape.stages.length)) return;
        this.#world = { ...this.#world, names: this.#with(this.#world.names, deed.stage, deed.name) };
        return;
      case 'freeze':
        this.#freeze(deed.stage % this.shape.stages.length, deed.frozen);
        return;
      case 'delete-link': {
        const folder = join(this.root, 'artifacts', this.#stage(deed.stage));
        rmSync(folder, { recursive: true, force: true });
        for (const path of this.#occupied) if (path.startsWith(`${folder}/`)) this.#occupied.delete(path);
        return;
      }
      case 'occupy':
        this.#occupy(deed.stage % this.shape.stages.length, deed.out);
        return;
      case 'pin':
        this.#pin(deed.stage % this.shape.stages.length, deed.pinned);
        return;
    }
  }

  /** What `artifacts/` shows of an out; undefined if nothing. */
  shown(stage: number, out: number): Content | undefined {
    return readContent(this.#artifact(stage, out));
  }

  /** Where the link of an out leads; undefined if there is none. A tree that comes back can show through an old one. */
  leadsTo(stage: number, out: number): string | undefined {
    const path = this.#artifact(stage, out);
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? readlinkSync(path) : undefined;
  }

  /** An out as one of `trees` would show it. */
  treeOf(stage: number, out: number, content: Content): string {
    const kind = this.shape.stages[stage]?.outs[out] ?? 'file';
    if (typeof content !== 'string') return treeText(content);
    return treeText(new Map([[outPath(kind, out, this.#world.names[stage] ?? 0), content]]));
  }

  #write(file: number, line: string): void {
    writeFileSync(join(this.root, fileAt(file)), `${line}\n`);
    this.#setFiles((lines) => void lines.set(fileAt(file), line));
  }

  #rename(from: string, to: string): void {
    const line = this.#world.files.get(from);
    if (line === undefined || from === to) return;
    renameSync(join(this.root, from), join(this.root, to));
    this.#setFiles((lines) => {
      lines.delete(from);
      lines.set(to, line);
    });
  }

  #setFiles(change: (lines: Map<string, string>) => void): void {
    const lines = new Map(this.#world.files);
    change(lines);
    this.#world = { ...this.#world, files: lines };
  }

  #freeze(stage: number, isFrozen: boolean): void {
    const last = this.last(stage);
    if (this.shape.stages[stage]?.always === true || last?.name !== this.#world.names[stage]) return;
    const { frozen } = this.#world;
    this.#world = { ...this.#world, frozen: frozen.with(stage, isFrozen ? last?.result : undefined) };
  }

  #with(values: readonly number[], stage: number, value: number): readonly number[] {
    return values.with(stage % values.length, value);
  }

  #stage(stage: number): string {
    return stageName(stage % this.shape.stages.length);
  }

  #occupy(stage: number, out: number): void {
    const kinds = this.#kinds(stage);
    const path = this.#artifact(stage, out % kinds.length);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    rmSync(path, { force: true });
    writeFileSync(path, `${mine}\n`);
    this.#occupied.add(path);
  }

  #pin(stage: number, isPinned: boolean): void {
    const last = this.last(stage);
    if (last === undefined) return;
    const project = open(this.pipeline, this);
    const digest = last.digest as Digest;
    if (isPinned) pin(project, digest, stageName(stage));
    else unpin(project, digest);
    if (isPinned) this.#pinned.add(last.result.key);
    else this.#pinned.delete(last.result.key);
  }

  #kinds(stage: number): readonly OutKind[] {
    return this.shape.stages[stage]?.outs ?? [];
  }

  #artifact(stage: number, out: number): string {
    const path = outPath(this.#kinds(stage)[out] ?? 'file', out, this.#world.names[stage] ?? 0);
    return join(this.root, 'artifacts', stageName(stage), path);
  }
}

/** What the user puts in the place of an out. */
export const mine = 'mine';

function fileAt(file: number): string {
  return files[file % files.length] ?? '';
}
