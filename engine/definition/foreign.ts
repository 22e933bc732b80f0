import { asList, asMapping, follow } from './located.ts';
import type { Located } from './located.ts';

/** What other tools call a key of a stage: the word, and what does the same here. */
const stageWords: Readonly<Record<string, string>> = {
  // Snakemake, and how many write it at first
  ...words(['input', 'inputs', 'dep'], 'Inputs stand in `deps`, by name: `deps: { images: data/images }`.'),
  ...words(['output', 'outputs', 'out'], 'Outputs stand in `outs`, by name: `outs: { table: table.csv }`.'),
  ...words(['shell', 'run', 'script', 'command'], 'A program stands in `cmd`.'),
  ...words(['threads'], 'ers run --cores N says how many threads a stage may use.'),
  ...words(['conda', 'container', 'singularity'], 'The program in `cmd` chooses its own environment.'),
  ...words(['log', 'message', 'benchmark', 'priority'], 'ers shows and logs what a stage prints by itself.'),
  // DVC
  ...words(['wdir'], 'A command starts in an empty folder; deps are paths from the folder of pipeline.yaml.'),
  ...words(
    ['foreach', 'do'],
    '`matrix: { KEY: [a, b] }` makes a stage for each value of a key of the config.',
  ),
  ...words(['plots'], 'List it in `outs`; a stage that draws is one like any other.'),
  ...words(['vars'], 'Values stand in the file that `config` names; a stage lists its keys in `params`.'),
  ...words(['always_changed'], 'It is `always: true`.'),
  ...words(['desc', 'meta'], 'Write it as a comment: # …'),
  // Make, Nextflow, CI
  ...words(
    ['depends_on', 'dependsOn', 'needs', 'after'],
    'Stages follow from what they read: `deps: { table: other:table }` names an out of a stage.',
  ),
};

/** The same for keys of the whole file. */
const fileWords: Readonly<Record<string, string>> = {
  ...words(['rule', 'rules', 'tasks', 'jobs', 'steps', 'targets'], 'They are `stages`, by name.'),
  ...words(
    ['configfile', 'vars', 'params'],
    '`config` names a file with values; a stage lists its keys in `params`.',
  ),
  ...words(['metrics', 'plots', 'artifacts'], 'A stage lists its own in `outs`, and numbers in `metrics`.'),
};

const firstStage = "A stage is: hello: { cmd: 'echo hi > {outs.text}', outs: { text: hi.txt } }";

/**
 * What to do about a key or value, at `path` of pipeline.yaml, that is right in another tool: the words of DVC and
 * Snakemake, lists where names are asked for. Undefined where nothing of the kind is known.
 */
export function foreignHint(tree: Located, path: readonly string[]): string | undefined {
  const [section = '', stage, key, ...deeper] = path;
  if (path.length === 0) return `It begins with \`stages:\`. ${firstStage}`;
  if (section !== 'stages') {
    if (path.length > 1) return undefined;
    const rule = /^(?:rule|checkpoint) (\w+)$/.exec(section)?.[1];
    return rule === undefined ? own(fileWords, section) : `A rule is a stage: \`stages: { ${rule}: … }\`.`;
  }
  if (stage === undefined) return firstStage;
  if (key === undefined || deeper.length > 0) return undefined;
  const list = key === 'deps' || key === 'outs' ? asList(follow(tree, path)?.value) : undefined;
  return list === undefined ? own(stageWords, key) : asNamed(key, list);
}

/** `deps: { raw: data/raw }` from `deps: [data/raw]`. */
function asNamed(key: string, list: readonly Located[]): string | undefined {
  const paths = list.slice(0, maxNamed).flatMap(textOf);
  if (paths.length === 0) return undefined;
  const taken = new Set<string>();
  const named = paths.map((path) => {
    const name = nameFor(path, taken);
    taken.add(name);
    return `${name}: ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)}`;
  });
  const more = list.length > paths.length ? ', …' : '';
  const folders = key === 'outs' ? ' A folder ends in /.' : '';
  return `Give each a name: \`${key}: { ${named.join(', ')}${more} }\`.${folders}`;
}

/** Of a longer list the first show how it is meant. */
const maxNamed = 4;

/** DVC writes an out with settings as `- model: { cache: false }`. */
function textOf(node: Located): readonly string[] {
  const text = node.content;
  if (typeof text === 'string') return text === '' ? [] : [text];
  return [...(asMapping(node)?.keys() ?? [])].slice(0, 1);
}

/** The last part of a path without its suffix, in the letters of a name. */
function nameFor(path: string, taken: ReadonlySet<string>): string {
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const word = last
    .replace(/^\.+/, '')
    .replace(/\..*$/, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z]+/, '')
    .slice(0, 40);
  const name = word === '' ? 'item' : word;
  for (let count = 2, each = name; ; count += 1) {
    if (!taken.has(each)) return each;
    each = `${name}${count}`;
  }
}

function words(names: readonly string[], hint: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, hint]));
}

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
