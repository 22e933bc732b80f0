import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../../base/canonical.ts';
import type { Deed } from './deeds.ts';
import type { Content } from './model.ts';
import { damage, digestOf, readContent, treeText } from './trees.ts';

export interface Trees {
  readonly whole: ReadonlySet<string>;
  readonly damaged: number;
}

type Harm = Extract<Deed, { do: 'damage-tree' }>['how'];

/** A store on the disk, as somebody without the engine sees it. */
export class Depot {
  readonly root: string;
  /** The files of each whole tree that was ever seen. */
  readonly #seen = new Map<string, ReadonlyMap<string, string>>();
  readonly #unlisted = new Set<string>();

  constructor(root: string) {
    this.root = root;
  }

  /** What lies in it: each whole tree as `path=line` of its files, and how many are damaged. */
  look(): Trees {
    const found = this.#names('trees').map((tree) => {
      const folder = join(this.root, 'trees', tree);
      const content = readContent(folder);
      const isWhole = digestOf(folder) === tree;
      if (isWhole && typeof content === 'object') this.#seen.set(tree, content);
      return { text: treeText(content), isWhole };
    });
    return {
      whole: new Set(found.flatMap(({ text, isWhole }) => (isWhole ? [text] : []))),
      damaged: found.filter(({ isWhole }) => !isWhole).length,
    };
  }

  get isEmpty(): boolean {
    return this.#names('trees').length === 0;
  }

  /** What a tree held when it was last seen whole. A file out is its line. */
  contentOf(tree: string, isFolder: boolean): Content {
    const files = this.#seen.get(tree);
    if (files === undefined) throw new Error(`no look has met the tree ${tree}`);
    return isFolder ? files : ([...files.values()][0] ?? '');
  }

  /** Whether the list of a tree's files was lost with it: nobody knows then what a stage that reads a part of it reads. */
  hasLostList(text: string): boolean {
    return this.#unlisted.has(text);
  }

  deleteTree(at: number, withManifest: boolean): void {
    this.#withOne('trees', at, (tree) => {
      if (withManifest) this.#unlisted.add(treeText(readContent(join(this.root, 'trees', tree))));
      rmSync(join(this.root, 'trees', tree), { recursive: true });
      if (withManifest) rmSync(join(this.root, 'manifests', tree), { force: true });
    });
  }

  damageTree(at: number, how: Harm): void {
    this.#withOne('trees', at, (tree) => damage(join(this.root, 'trees', tree), how));
  }

  /** Takes all records of a key away if `may` agrees; tells which. */
  deleteRecords(at: number, may: (key: string) => boolean): void {
    this.#withOne('records', at, (key) => {
      if (may(key)) rmSync(join(this.root, 'records', key), { recursive: true });
    });
  }

  #withOne(kind: 'trees' | 'records', at: number, act: (name: string) => void): void {
    const names = this.#names(kind);
    const chosen = names[at % names.length];
    if (chosen !== undefined) act(chosen);
  }

  #names(kind: 'trees' | 'records'): readonly string[] {
    const folder = join(this.root, kind);
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
    return readdirSync(folder).sort(byCodeUnit);
  }
}
