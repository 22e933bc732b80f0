import type { Fault, Place } from '../../base/fault.ts';
import type { Validator } from './built.ts';
import { foreignHint } from './foreign.ts';
import { readHandling, readSlots } from './handling.ts';
import type { RawHandling, Slots } from './handling.ts';
import { asList, asMapping, follow, nearest, toJson } from './located.ts';
import type { Located, Member } from './located.ts';
import type { RawMatrix } from './matrix.ts';
import { schemaFaults } from './schema-faults.ts';

/** A text of pipeline.yaml with its place, and the place of the key before it where it has one. */
export interface RawText {
  readonly text: string;
  readonly place: Place;
  readonly key: Place;
  /** Where the nth occurrence of `token` in this text stands. */
  within(token: string, occurrence: number): Place;
}

/** A stage as written: right in shape, nothing resolved. */
export interface RawStage {
  readonly name: string;
  readonly place: Place;
  readonly uses: RawText | undefined;
  readonly cmd: RawText | readonly RawText[] | undefined;
  readonly deps: ReadonlyMap<string, RawText>;
  readonly outs: ReadonlyMap<string, RawText>;
  readonly params: readonly RawText[];
  readonly metrics: readonly RawText[];
  readonly env: readonly string[];
  readonly matrix: RawMatrix | undefined;
  readonly handling: RawHandling;
  /** Where the keys `deps`, `outs` and `params` stand; the stage's name where one is missing. */
  readonly keys: { readonly deps: Place; readonly outs: Place; readonly params: Place };
}

export interface RawPipeline {
  readonly config: RawText | undefined;
  readonly store: RawText | undefined;
  readonly stages: readonly RawStage[];
  /** Stages whose shape is wrong: known by name, checked no further. */
  readonly broken: ReadonlySet<string>;
  /** Some stage, or all, could not be read: what seems missing or unused may only be hidden. */
  readonly isPartial: boolean;
  readonly default: readonly RawText[] | undefined;
  readonly slots: Slots;
  readonly faults: readonly Fault[];
}

/** Of so many errors of shape faults are made; each choice in them costs a look at all others. */
const maxErrors = 400;

/** Checks the shape of pipeline.yaml. What is right in shape is handed on even where other parts are wrong. */
export function readPipeline(tree: Located, validate: Validator): RawPipeline {
  const valid = validate(toJson(tree));
  const errors = valid ? [] : (validate.errors ?? []);
  const faults = [
    ...schemaFaults(errors.slice(0, maxErrors), {
      value: (path) => nearest(tree, path).value.place,
      key: (path) => nearest(tree, path).key,
      name: (path) => path.join('.'),
      hint: (path) => foreignHint(tree, path),
    }),
  ];
  const broken = new Set(
    errors.flatMap(({ instancePath }) => /^\/stages\/([^/]+)/.exec(instancePath)?.[1] ?? []),
  );
  const texts = (key: string): readonly RawText[] | undefined => {
    const list = asList(follow(tree, [key])?.value);
    return list?.flatMap((node) => toText(node, node.place) ?? []);
  };
  const stages = [...(asMapping(follow(tree, ['stages'])?.value) ?? [])];
  return {
    config: textAt(tree, 'config'),
    store: textAt(tree, 'store'),
    stages: stages.flatMap(([name, { key, value }]) =>
      broken.has(name) ? [] : [readStage(name, key, value, faults)],
    ),
    broken,
    isPartial: broken.size > 0 || asMapping(follow(tree, ['stages'])?.value) === undefined,
    default: texts('default'),
    slots: readSlots(
      errors.some(({ instancePath }) => instancePath.startsWith('/slots'))
        ? undefined
        : follow(tree, ['slots'])?.value,
      faults,
    ),
    faults,
  };
}

function readStage(name: string, place: Place, node: Located, faults: Fault[]): RawStage {
  const list = (key: string): readonly RawText[] =>
    (asList(follow(node, [key])?.value) ?? []).flatMap((item) => toText(item, item.place) ?? []);
  const texts = (key: string): ReadonlyMap<string, RawText> =>
    new Map(
      [...(asMapping(follow(node, [key])?.value) ?? [])].flatMap(([member, at]) => {
        const text = toText(at.value, at.key);
        return text === undefined ? [] : [[member, text] as const];
      }),
    );
  const keyOf = (key: string): Place => follow(node, [key])?.key ?? place;
  const words = follow(node, ['cmd'])?.value;
  return {
    name,
    place,
    uses: textAt(node, 'uses'),
    cmd: asList(words) === undefined ? textAt(node, 'cmd') : list('cmd'),
    deps: texts('deps'),
    outs: texts('outs'),
    params: list('params'),
    metrics: list('metrics'),
    env: list('env').map(({ text }) => text),
    matrix: readMatrix(follow(node, ['matrix'])),
    handling: readHandling(node, name, faults),
    keys: { deps: keyOf('deps'), outs: keyOf('outs'), params: keyOf('params') },
  };
}

function readMatrix(member: Member | undefined): RawMatrix | undefined {
  const axes = asMapping(member?.value);
  if (member === undefined || axes === undefined) return undefined;
  return {
    place: member.key,
    axes: [...axes].map(([key, { key: place, value }]) => ({ key, place, values: asList(value) ?? [] })),
  };
}

function textAt(node: Located, key: string): RawText | undefined {
  const found = follow(node, [key]);
  return found === undefined ? undefined : toText(found.value, found.key);
}

function toText({ content, place, within }: Located, key: Place): RawText | undefined {
  if (typeof content !== 'string') return undefined;
  return { text: content, place, key, within: within ?? (() => place) };
}
