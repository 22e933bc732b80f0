import { canonical, type Json } from '../../base/canonical.ts';
import type { Fault, Place } from '../../base/fault.ts';
import { fold } from './fold.ts';
import { insertAt, toJson } from './located.ts';
import type { Located } from './located.ts';

/** More members of one stage are a slip rather than a wish. */
const maxMembers = 1000;
/** Files and folders are named by a member; names on disk may have 255 bytes. */
const maxName = 200;

/** A key of the config as an axis of a `matrix`, with the values that members take. */
interface RawAxis {
  readonly key: string;
  readonly place: Place;
  readonly values: readonly Located[];
}

/** The `matrix` of a stage as written. */
export interface RawMatrix {
  readonly place: Place;
  readonly axes: readonly RawAxis[];
}

/** A stage's matrix, multiplied out. */
export interface Grid {
  readonly place: Place;
  readonly axes: readonly Axis[];
  readonly members: readonly GridMember[];
  /** `idOf` its values → member. */
  readonly byValues: ReadonlyMap<string, GridMember>;
}

/** A config key that members differ in. */
export interface Axis {
  readonly key: string;
  readonly place: Place;
  /** The values as canonical JSON. */
  readonly values: ReadonlySet<string>;
}

/** One stage of a matrix: a value for each axis. */
export interface GridMember {
  /** `train@lr-0.001` */
  readonly id: string;
  /** `lr-0.001`: also its folder's name where a stage reads all members. */
  readonly name: string;
  /** Key of each axis → the member's value. */
  readonly axes: ReadonlyMap<string, AxisValue>;
}

interface AxisValue {
  readonly axis: RawAxis;
  readonly value: Located;
  readonly json: Json;
  /** `json` as canonical text: equal for equal values. */
  readonly id: string;
  /** As the member's name says it. */
  readonly text: string;
}

/**
 * The members of a stage: the product of its axes, the last one changing fastest. Faults: too many, axes or values that
 * stand twice, names that clash; then there are none.
 */
export function expand(stage: string, matrix: RawMatrix, faults: Fault[]): Grid | 'unchecked' {
  const before = faults.length;
  const count = matrix.axes.reduce((product, { values }) => product * values.length, 1);
  if (count > maxMembers) {
    faults.push({
      code: 'ERS_SCHEMA',
      message: `The matrix of ${stage} has ${count} members: at most ${maxMembers} are allowed.`,
      place: matrix.place,
      hint: 'Leave out values or an axis.',
    });
    return 'unchecked';
  }
  findNested(matrix.axes, faults);
  const words = wordsOf(matrix.axes);
  const columns = matrix.axes.map((axis) =>
    axis.values.map((value) => {
      const json = toJson(value);
      return {
        axis,
        value,
        json,
        id: canonical(json),
        text: `${words.get(axis.key) ?? ''}-${safe(sayPart(json))}`,
      };
    }),
  );
  for (const column of columns) findTwice(column, faults);
  if (faults.length > before) return 'unchecked';
  const members = product(columns).map((values) => {
    const name = values.map(({ text }) => text).join('-');
    return { id: `${stage}@${name}`, name, axes: new Map(values.map((value) => [value.axis.key, value])) };
  });
  findNameFaults(members, faults);
  if (faults.length > before) return 'unchecked';
  const axes = matrix.axes.map(({ key, place }, index) => {
    return { key, place, values: new Set(columns[index]?.map(({ id }) => id)) };
  });
  const byValues = new Map(members.map((member) => [idOf(axes, member), member]));
  return { place: matrix.place, axes, members, byValues };
}

/** Equal for members that have the same values on these axes, whatever others they have. */
export function idOf(axes: readonly Axis[], member: GridMember): string {
  return axes.map(({ key }) => member.axes.get(key)?.id ?? '').join('\n');
}

/** The config as one member sees it; its values keep their places in pipeline.yaml. */
export function withAxes(config: Located, member: GridMember | undefined): Located {
  let tree = config;
  for (const [key, { axis, value }] of member?.axes ?? []) {
    // Where a key leads nowhere, `checkAxes` says so.
    tree = insertAt(tree, key.split('.'), value, axis.place) ?? tree;
  }
  return tree;
}

/** Whether one key is the other, or a group that holds it. */
export function overlaps(key: string, other: string): boolean {
  return key === other || key.startsWith(`${other}.`) || other.startsWith(`${key}.`);
}

/** The last word of each key, or the whole key where two of these would be one. */
function wordsOf(axes: readonly RawAxis[]): ReadonlyMap<string, string> {
  const last = (key: string) => safe(key.split('.').at(-1) ?? key);
  const count = (word: string) => axes.filter(({ key }) => fold(last(key)) === fold(word)).length;
  return new Map(axes.map(({ key }) => [key, count(last(key)) === 1 ? last(key) : safe(key)]));
}

/** A value in a name: texts as they are, lists and groups by their parts. */
function sayPart(value: Json): string {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sayPart).join('-');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, member]) => `${key}-${sayPart(member)}`)
    .join('-');
}

function safe(text: string): string {
  return text.replace(/[^A-Za-z0-9._+-]/gu, '-');
}

function product<Value>(columns: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  return columns.reduce<readonly (readonly Value[])[]>(
    (rows, column) => rows.flatMap((row) => column.map((value) => [...row, value])),
    [[]],
  );
}

function findNested(axes: readonly RawAxis[], faults: Fault[]): void {
  axes.forEach(({ key, place }, index) => {
    const other = axes.slice(0, index).find((earlier) => overlaps(key, earlier.key));
    if (other === undefined) return;
    faults.push({
      code: 'ERS_SCHEMA',
      message: `The axes \`${other.key}\` and \`${key}\` set the same values.`,
      place,
      also: other.place,
      hint: 'Keep one of the two.',
    });
  });
}

function findTwice(column: readonly AxisValue[], faults: Fault[]): void {
  const seen = new Map<string, AxisValue>();
  for (const next of column) {
    const first = seen.get(fold(next.text));
    if (first === undefined) {
      seen.set(fold(next.text), next);
      continue;
    }
    const isSame = first.id === next.id;
    faults.push({
      code: 'ERS_SCHEMA',
      message: isSame
        ? `The axis \`${next.axis.key}\` has one value twice.`
        : `Two values of \`${next.axis.key}\` would give members of one name, …@${next.text}, where case and special characters do not count.`,
      place: next.value.place,
      also: first.value.place,
      hint: isSame ? 'Keep one of the two.' : 'Rename one of the two values.',
    });
  }
}

/** Values of several axes can run together: `a: [x, x-b-y]` and `b: [y-b-z, z]` give `a-x-b-y-b-z` twice. */
function findNameFaults(members: readonly GridMember[], faults: Fault[]): void {
  const seen = new Map<string, GridMember>();
  for (const member of members) {
    const [differs] = [...member.axes.values()];
    const place = differs?.value.place;
    const first = seen.get(fold(member.name));
    if (first === undefined) seen.set(fold(member.name), member);
    else {
      const [key, own] =
        [...member.axes].find(([axis, { text }]) => first.axes.get(axis)?.text !== text) ?? [];
      const also = first.axes.get(key ?? '')?.value.place;
      faults.push({
        code: 'ERS_SCHEMA',
        message: `Two members would have one name, ${member.id}.`,
        ...(own === undefined ? {} : { place: own.value.place }),
        ...(also === undefined ? {} : { also }),
        hint: 'Rename one of the two values.',
      });
    }
    if (member.id.length > maxName) {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `The name of a member would have ${member.id.length} characters: at most ${maxName} are allowed.`,
        ...(place === undefined ? {} : { place }),
        hint: 'Use shorter values: they make up the name.',
      });
      return;
    }
  }
}
