import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { byCodeUnit } from '../../../base/canonical.ts';
import { collect } from '../../../cache/gc.ts';
import type { Pipeline } from '../../../engine/definition/types.ts';
import { pipelineOf, type Sketch } from '../pipelines.ts';
import { files, type Deed, type RunDeed } from './deeds.ts';
import {
  outPath,
  script,
  type Content,
  type DepShape,
  type Result,
  type Shape,
  type World,
} from './model.ts';
import { damage, digestOf, readContent, treeText } from './trees.ts';

export interface Trees {
  readonly whole: ReadonlySet<string>;
  readonly damaged: number;
}

/** A project on the disk beside the model's world of it: each deed is done to both. */
export class Workbench {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'ers-property-')));
  readonly shape: Shape;
  #world: World;
  /** What the project used last for a stage, and the name of the outs then. */
  readonly #last = new Map<number, { readonly result: Result; readonly name: number | undefined }>();

  constructor(shape: Shape) {
    this.shape = shape;
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
    const sketches = this.shape.stages.map((_, at): [string, Sketch] => [stageName(at), this.#sketch(at)]);
    return pipelineOf(this.root, Object.fromEntries(sketches), {
      targets: this.shape.targets.map(stageName),
    });
  }

  /** A run has come to this result of a stage. */
  used(stage: number, result: Result): void {
    this.#last.set(stage, { result, name: this.#world.names[stage] });
  }

  isFrozen(stage: number): boolean {
    return this.#world.frozen[stage] !== undefined;
  }

  /** The environment as the engine is given it. */
  get env(): NodeJS.ProcessEnv {
    const { mode } = this.#world;
    return { PATH: process.env['PATH'], ...(mode === undefined ? {} : { MODE: mode }) };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  do(deed: Exclude<Deed, RunDeed>): void {
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
      case 'delete-link':
        rmSync(join(this.root, 'artifacts', this.#stage(deed.stage)), { recursive: true, force: true });
        return;
      case 'delete-tree':
        this.#withTree(deed.tree, (tree) => {
          rmSync(join(this.root, '.ers/trees', tree), { recursive: true });
          if (deed.manifest) rmSync(join(this.root, '.ers/manifests', tree), { force: true });
        });
        return;
      case 'damage-tree':
        this.#withTree(deed.tree, (tree) => damage(join(this.root, '.ers/trees', tree), deed.how));
        return;
      case 'gc':
        this.#collect();
        return;
    }
  }

  /** What `artifacts/` shows of an out; undefined if nothing. */
  shown(stage: number, out: number): Content | undefined {
    const { outs } = this.shape.stages[stage] ?? { outs: [] };
    const path = outPath(outs[out] ?? 'file', out, this.#world.names[stage] ?? 0);
    return readContent(join(this.root, 'artifacts', stageName(stage), path));
  }

  /** What lies in the store: each whole tree as `path=line` of its files, and how many are damaged. */
  trees(): Trees {
    const found = this.#trees().map((tree) => {
      const folder = join(this.root, '.ers/trees', tree);
      return { text: treeText(readContent(folder)), isWhole: digestOf(folder) === tree };
    });
    return {
      whole: new Set(found.flatMap(({ text, isWhole }) => (isWhole ? [text] : []))),
      damaged: found.filter(({ isWhole }) => !isWhole).length,
    };
  }

  /** An out as one of `trees` would show it. */
  treeOf(stage: number, out: number, content: Content): string {
    const kind = this.shape.stages[stage]?.outs[out] ?? 'file';
    if (typeof content !== 'string') return treeText(content);
    return treeText(new Map([[outPath(kind, out, this.#world.names[stage] ?? 0), content]]));
  }

  #sketch(at: number): Sketch {
    const stage = this.shape.stages[at];
    if (stage === undefined) throw new Error(`no stage ${at}`);
    const deps = stage.deps.map((dep, index): [string, string] => [`d${index}`, depText(dep)]);
    const outs = stage.outs.map((kind, index): [string, string] => {
      const path = outPath(kind, index, this.#world.names[at] ?? 0);
      return [`o${index}`, kind === 'folder' ? `${path}/` : path];
    });
    return {
      cmd: [
        ...['/bin/sh', '-c', script(stage, this.#world.codes[at] ?? 0), 'sh'],
        ...deps.map(([name]) => `{deps.${name}}`),
        stage.param === undefined ? '' : `{params.${stage.param}}`,
        ...outs.map(([name]) => `{outs.${name}}`),
      ],
      deps: Object.fromEntries(deps),
      params: stage.param === undefined ? {} : { [stage.param]: this.#world.params[stage.param] },
      outs: Object.fromEntries(outs),
      env: stage.env ? ['MODE'] : [],
      always: stage.always,
      frozen: this.isFrozen(at),
      metrics: outs.flatMap(([name], index) => (stage.outs[index] === 'metrics' ? [name] : [])),
    };
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
    const last = this.#last.get(stage);
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

  #trees(): readonly string[] {
    const folder = join(this.root, '.ers/trees');
    return statSync(folder, { throwIfNoEntry: false }) === undefined
      ? []
      : readdirSync(folder).sort(byCodeUnit);
  }

  #withTree(tree: number, act: (tree: string) => void): void {
    const trees = this.#trees();
    const chosen = trees[tree % trees.length];
    if (chosen !== undefined) act(chosen);
  }

  /** `ers gc` that keeps nothing but what is needed. */
  #collect(): void {
    const store = join(this.root, '.ers');
    if (this.#trees().length === 0) return;
    const cap = { maxBytes: 0, maxAge: 0, now: Date.now(), keep: new Map() };
    const collected = collect(store, { project: this.root, dry: false, ...cap });
    if (!collected.ok || collected.value.type !== 'removed') throw new Error(JSON.stringify(collected));
  }
}

export function stageName(at: number): string {
  return `s${at}`;
}

function fileAt(file: number): string {
  return files[file % files.length] ?? '';
}

function depText(dep: DepShape): string {
  if (dep.type === 'input') return dep.path;
  return `${stageName(dep.stage)}:o${dep.out}${dep.sub === '' ? '' : `/${dep.sub}`}`;
}
