import { canonical, type Json } from '../../base/canonical.ts';
import { sha256, type Digest } from '../../base/digest.ts';
import type { Out, Program, Stage } from '../definition/types.ts';

/**
 * Everything that can change a stage's result, and nothing else (DESIGN invariant 1): no name of the stage,
 * no path of an input, no resources, no metrics. Kept as text beside its hash, so that `why` is a diff of two.
 */
export type KeyInputs = {
  readonly version: 1;
  readonly code: KeyCode;
  readonly params: Readonly<Record<string, Json>>;
  /** By content. The kind is named since a file could hold the very text that a folder's digest is made of. */
  readonly deps: Readonly<Record<string, KeyDep>>;
  /** Declared environment values; null = not set, which a program can tell from empty. */
  readonly env: Readonly<Record<string, string | null>>;
  /** A program sees its outs' paths, for instance their suffix. */
  readonly outs: Readonly<Record<string, KeyOut>>;
  /** `tensorflow 2.9`: name and major.minor of the native runtime. */
  readonly runtime: string | null;
};

type KeyDep = { readonly kind: 'file' | 'folder'; readonly digest: Digest };

type KeyOut = { readonly path: string; readonly kind: Out['kind'] };

/** The code of a stage as its key has it. */
export type KeyCode =
  | {
      readonly type: 'uses';
      /** `run` and each worker → digest of its bundle. */
      readonly bundles: Readonly<Record<string, Digest>>;
      readonly packages: Readonly<Record<string, string>>;
      /** Node's major version: V8 may round differently in the next one. */
      readonly node: string;
    }
  | { readonly type: 'command'; readonly template: string | readonly string[] };

/** What a key needs beside the stage's own declaration. */
export interface KeySources {
  readonly deps: Readonly<Record<string, KeyDep>>;
  readonly env: NodeJS.ProcessEnv;
  readonly runtime: string | null;
}

/** The text of a stage's key, before it is hashed. */
export function keyInputs(stage: Stage, sources: KeySources): KeyInputs {
  return {
    version: 1,
    code: keyCode(stage.program),
    params: stage.params,
    deps: sources.deps,
    env: Object.fromEntries(stage.env.map((name) => [name, sources.env[name] ?? null])),
    outs: Object.fromEntries(
      Object.entries(stage.outs).map(([name, { path, kind }]) => [name, { path, kind }]),
    ),
    runtime: sources.runtime,
  };
}

/** The sha256 of the canonical text of all that can change the result. */
export function keyOf(inputs: KeyInputs): Digest {
  return sha256(canonical(inputs));
}

/** A record's `inputs` as the type it was written from; undefined if another version of ers wrote it. */
export function readKeyInputs(inputs: Json): KeyInputs | undefined {
  if (!isObject(inputs) || inputs['version'] !== 1) return undefined;
  const members = ['code', 'params', 'deps', 'env', 'outs'];
  return members.every((member) => isObject(inputs[member])) ? (inputs as KeyInputs) : undefined;
}

function keyCode(program: Program): KeyCode {
  if (program.type === 'command') return { type: 'command', template: program.template };
  const { bundles, packages } = program.definition.code;
  return { type: 'uses', bundles, packages, node: process.versions.node.split('.')[0] ?? '' };
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
