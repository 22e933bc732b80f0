import { canonical, byCodeUnit } from '../../../base/canonical.ts';
import type { Keep } from '../../../engine/definition/types.ts';

/**
 * A pure model of pipelines: what each stage makes from given inputs, computed without any engine. The property test
 * compares the engine with it.
 */
export interface Shape {
  readonly stages: readonly StageShape[];
  /** Indices of the default targets, never empty. */
  readonly targets: readonly number[];
  /** Two projects with a store between them, instead of one with its own. */
  readonly shared: boolean;
}

export interface StageShape {
  readonly deps: readonly DepShape[];
  readonly outs: readonly OutKind[];
  /** Config key that is declared as a param. */
  readonly param: Param | undefined;
  /** Whether the param gets into what is made; if not, another value makes the same bytes again. */
  readonly saysParam: boolean;
  /** Whether the environment variable MODE is declared (and said). */
  readonly env: boolean;
  /** Says only whether a 2 is in what it read, so that many changes end here. */
  readonly blunt: boolean;
  /** Fails where a 3 is in what it read. */
  readonly fails: boolean;
  /** Runs in each run that includes it. */
  readonly always: boolean;
  /** Makes other bytes each time: it says how often this series was made. Such a stage has no twin. */
  readonly series: number | undefined;
  /** What `gc` is told of its results. */
  readonly keep: Keep | null;
}

export type Param = 'p' | 'q';

export type OutKind = 'file' | 'folder' | 'metrics';

export type DepShape = (
  | { readonly type: 'input'; readonly path: InputPath }
  | {
      readonly type: 'out';
      readonly stage: number;
      readonly out: number;
      /** Inside a folder out; `sub/c` is there only if a 1 is in what the stage read. */
      readonly sub: '' | 'a' | 'sub' | 'sub/c';
    }
  /** Several outs as one folder, `m0`, `m1` …, as members of a matrix are read. */
  | { readonly type: 'members'; readonly outs: readonly { readonly stage: number; readonly out: number }[] }
) & {
  /** Whether it gets into what is made. */
  readonly read: boolean;
};

export type InputPath = 'a.txt' | 'b.txt' | 'dir' | 'dir/sub';

/** The stages that a dep leads to. */
export function sourcesOf(dep: DepShape): readonly number[] {
  if (dep.type === 'members') return dep.outs.map(({ stage }) => stage);
  return dep.type === 'out' ? [dep.stage] : [];
}

/** All that a user may change, beside the store. */
export interface World {
  /** Input files: path → its one line. The folders themselves are always there. */
  readonly files: ReadonlyMap<string, string>;
  readonly params: Readonly<Record<Param, string>>;
  readonly mode: string | undefined;
  /** Of each stage: a number in its program that changes no byte, and one in the names of its outs. */
  readonly codes: readonly number[];
  readonly names: readonly number[];
  /** What stands for each frozen stage; undefined for one that is not frozen. */
  readonly frozen: readonly (Result | undefined)[];
}

/** A file's line, or a folder's files. */
export type Content = string | ReadonlyMap<string, string>;

export interface Result {
  readonly type: 'made';
  readonly outs: readonly Content[];
  /** Equal for two stages, or for one at two times, if one result serves both. */
  readonly key: string;
  /** Where its outs lie. */
  readonly paths: readonly string[];
  /** What it says in its outs, without the count of its series. */
  readonly line: string;
}

export type Made =
  | Result
  /** It runs and fails. */
  | { readonly type: 'failed' }
  /** An input, or a path inside an out, is not there. */
  | { readonly type: 'missing' }
  /** A stage above makes nothing. */
  | { readonly type: 'blocked' };

/**
 * What a run from scratch makes of every stage. `countOf` tells of a result's key how often its series had been made when
 * the newest one was, 0 where nobody knows: then only that it is made, and of what kind, is right.
 */
export function evaluate(shape: Shape, world: World, countOf: (key: string) => number): readonly Made[] {
  const all: Made[] = [];
  for (const [at, stage] of shape.stages.entries()) {
    const stands = world.frozen[at];
    const made = stands ?? make(stage, at, world, all);
    const isCounted = stage.series !== undefined && made.type === 'made';
    all.push(isCounted ? { ...made, outs: outsOf(stage, made.line, countOf(made.key)) } : made);
  }
  return all;
}

/** The outs of a stage that says this line; `count` as the model above has it. */
export function outsOf({ blunt, outs, series }: StageShape, line: string, count: number): readonly Content[] {
  const counted = series === undefined ? line : `${line}n=${tally(count)};`;
  const said = blunt ? (counted.includes('2') ? 'two' : 'few') : counted;
  return outs.map((kind) => outContent(kind, said));
}

/** As long for each count, so that no length, and no 3 in one, depends on it. */
function tally(count: number): string {
  return 'x'.repeat(count).padEnd(tallyLength, 'y');
}

const tallyLength = 40;

function make(stage: StageShape, at: number, world: World, above: readonly Made[]): Made {
  const contents: Content[] = [];
  for (const dep of stage.deps) {
    const content = dep.type === 'members' ? gather(dep.outs, above) : contentOf(dep, world, above);
    if (typeof content === 'object' && 'type' in content) return content;
    contents.push(content);
  }
  const line = say(stage, contents, world);
  if (stage.fails && line.includes('3')) return { type: 'failed' };
  const paths = stage.outs.map((kind, out) => outPath(kind, out, world.names[at] ?? 0));
  const key = canonical([
    script(stage, world.codes[at] ?? 0, 'series'),
    paths,
    stage.param === undefined ? null : [stage.param, world.params[stage.param]],
    stage.env ? (world.mode ?? null) : 'none',
    contents.map((content) => (typeof content === 'string' ? content : [...content].flat())),
  ]);
  return { type: 'made', outs: outsOf(stage, line, 0), key, paths, line };
}

/** A file keeps its name in the member's folder. */
function gather(
  outs: Extract<DepShape, { type: 'members' }>['outs'],
  above: readonly Made[],
): Content | { readonly type: 'blocked' } {
  const files: [string, string][] = [];
  for (const [at, { stage, out }] of outs.entries()) {
    const made = above[stage];
    const content = made?.type === 'made' ? made.outs[out] : undefined;
    if (made?.type !== 'made' || content === undefined) return { type: 'blocked' };
    const inside = typeof content === 'string' ? [[made.paths[out] ?? '', content] as const] : [...content];
    for (const [path, line] of inside) files.push([`m${at}/${path}`, line]);
  }
  return new Map(files.sort(([a], [b]) => byCodeUnit(a, b)));
}

function contentOf(
  dep: Exclude<DepShape, { type: 'members' }>,
  { files }: World,
  above: readonly Made[],
): Content | Extract<Made, { type: 'missing' | 'blocked' }> {
  if (dep.type === 'input') {
    const inside = below(files, dep.path);
    return isFolder(dep.path) ? inside : (files.get(dep.path) ?? { type: 'missing' });
  }
  const made = above[dep.stage];
  const out = made?.type === 'made' ? made.outs[dep.out] : undefined;
  if (out === undefined) return { type: 'blocked' };
  if (dep.sub === '' || typeof out === 'string') return out;
  const file = out.get(dep.sub);
  if (file !== undefined) return file;
  const inside = below(out, dep.sub);
  return inside.size === 0 ? { type: 'missing' } : inside;
}

function isFolder(path: InputPath): boolean {
  return path.startsWith('dir');
}

function below(files: ReadonlyMap<string, string>, folder: string): ReadonlyMap<string, string> {
  return new Map(
    [...files]
      .filter(([path]) => path.startsWith(`${folder}/`))
      .map(([path, line]): [string, string] => [path.slice(folder.length + 1), line])
      .sort(([a], [b]) => byCodeUnit(a, b)),
  );
}

/** What `script` says, in TypeScript. */
function say(stage: StageShape, contents: readonly Content[], world: World): string {
  const read = contents.filter((_, at) => stage.deps[at]?.read === true);
  const inputs = read.map((content) => {
    if (typeof content === 'string') return `${content};`;
    const paths = [...content.keys()];
    const ordered = [
      ...paths.filter((path) => !path.includes('/')),
      ...paths.filter((path) => path.split('/').length === 2),
    ];
    return ordered.map((path) => `${path}=${content.get(path) ?? ''};`).join('');
  });
  const param = stage.param !== undefined && stage.saysParam ? `p=${world.params[stage.param]};` : '';
  return `${inputs.join('')}${param}${stage.env ? `e=${world.mode ?? 'unset'};` : ''}`;
}

function outContent(kind: OutKind, line: string): Content {
  if (kind === 'file') return line;
  if (kind === 'metrics') return `{"length": ${line.length}}`;
  const files = new Map([
    ['a', line],
    ['sub/b', String(line.length)],
  ]);
  if (line.includes('1')) files.set('sub/c', 'c');
  return files;
}

/** The path of an out, without a slash at its end. */
export function outPath(kind: OutKind, out: number, name: number): string {
  const stem = `o${out}${name === 0 ? '' : `-${name}`}`;
  return kind === 'folder' ? stem : `${stem}.${kind === 'file' ? 'txt' : 'json'}`;
}

/**
 * The program for `/bin/sh`: its arguments are the deps, the param, then the outs. It starts almost nothing. In the folder
 * `counts` a series counts by making a folder for each time, which none of several at once makes twice.
 */
export function script(stage: StageShape, code: number, counts: string): string {
  const takes = stage.deps.flatMap(({ read }, at) => (read ? [`take "$${at + 1}"`] : []));
  const param = stage.deps.length + 1;
  const write = { file: `printf '%s\\n' "$t" > "$o"`, metrics: `printf '{"length": %s}\\n' "\${#t}" > "$o"` };
  const folder = `printf '%s\\n' "$t" > "$o/a"; mkdir "$o/sub"; printf '%s\\n' "\${#t}" > "$o/sub/b"
case "$t" in *1*) echo c > "$o/sub/c";; esac`;
  return [
    't=',
    `take() {
  if [ -d "$1" ]; then
    for f in "$1"/* "$1"/*/*; do
      if [ -f "$f" ]; then IFS= read -r x < "$f"; t="$t\${f#"$1"/}=$x;"; fi
    done
  else IFS= read -r x < "$1"; t="$t$x;"; fi
}`,
    ...takes,
    ...(stage.param !== undefined && stage.saysParam ? [`t="\${t}p=$${param};"`] : []),
    ...(stage.env ? ['t="${t}e=${MODE-unset};"'] : []),
    ...(stage.fails ? ['case "$t" in *3*) echo "a 3 in it" >&2; exit 1;; esac'] : []),
    ...(stage.series === undefined
      ? []
      : [
          `n=${tally(1)}; until mkdir '${counts}/${stage.series}-'$n 2>/dev/null; do n=x\${n%y}; done; t="\${t}n=$n;"`,
        ]),
    ...(stage.blunt ? ['case "$t" in *2*) t=two;; *) t=few;; esac'] : []),
    ...stage.outs.flatMap((kind, at) => [
      `o=$${param + 1 + at}`.replace(/\$(\d\d)/, '${$1}'),
      kind === 'folder' ? folder : write[kind],
    ]),
    `# code ${code}`,
  ].join('\n');
}
