import { posix } from 'node:path';
import type { Fault, Place } from '../../base/fault.ts';
import { idOf } from './matrix.ts';
import type { Axis, Grid, GridMember } from './matrix.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Dep, Out, StageName } from './types.ts';

const edge = /^([A-Za-z][A-Za-z0-9_-]*)(?:@([^:/]*))?:(.*)$/s;

/** What an edge may point at; `unchecked` where that has faults of its own. */
export interface Maker {
  readonly outs: Readonly<Record<string, Out>> | 'unchecked';
  readonly grid?: Grid | 'unchecked' | undefined;
}

export type Makers = ReadonlyMap<string, Maker>;

/** Who reads: a stage, or a member of one. */
export interface Reader {
  readonly stage: string;
  readonly grid: Grid | 'unchecked' | undefined;
  readonly member: GridMember | undefined;
  /** Takes the axes by which it pairs up with members of stages above. */
  readonly paired: Set<string>;
}

/** One thing that a dep leads to. */
export interface Reached {
  /** Where it lies below the dep's name; empty, except for members read as one folder. */
  readonly below: string;
  readonly dep: Dep;
}

/**
 * Tells `stage:out/sub` from a path, and checks that the stage makes the out. Of a stage with a matrix: `train@*:model` is
 * each member's out in a folder of the member's name, `train@lr-0.001:model` one of them, `train:model` the one with the reader's
 * own values.
 */
export function readDep(
  text: string,
  place: Place,
  makers: Makers,
  reader: Reader,
  faults: Fault[],
): readonly Reached[] {
  const match = edge.exec(text);
  if (match === null) {
    const path = readPath(text, place, faults);
    return path === undefined ? [] : [{ below: '', dep: path }];
  }
  const [, stage = '', wanted, rest = ''] = match;
  const maker = makers.get(stage);
  if (maker === undefined) {
    const meant = didYouMean(stage, makers.keys()).hint;
    faults.push({
      code: 'ERS_UNKNOWN_STAGE',
      message: `There is no stage \`${stage}\`.`,
      place,
      hint: meant?.startsWith('Did') === true ? meant : `A path that holds a colon is written ./${text}`,
    });
    return [];
  }
  const made = readOut(stage, rest, maker, place, faults);
  if (made === undefined) return [];
  const { out, sub, folder } = made;
  const inside = sub === undefined ? {} : { sub };
  const edgeTo = (name: string): Dep => ({ type: 'out', stage: name as StageName, out, ...inside, place });
  if (maker.grid === 'unchecked') return [];
  if (maker.grid === undefined) {
    if (wanted === undefined) return [{ below: '', dep: edgeTo(stage) }];
    const message = `\`${stage}\` has no matrix, so there is no member \`${stage}@${wanted}\`.`;
    faults.push({ code: 'ERS_UNKNOWN_STAGE', message, place, hint: `Write ${stage}:${rest}.` });
    return [];
  }
  if (wanted === '*') {
    return maker.grid.members.map(({ id, name }) => ({ below: `/${name}${folder}`, dep: edgeTo(id) }));
  }
  const member =
    wanted === undefined
      ? pair(stage, rest, maker.grid, reader, place, faults)
      : findMember(stage, wanted, maker.grid, place, faults);
  return member === undefined ? [] : [{ below: '', dep: edgeTo(member.id) }];
}

function readPath(text: string, place: Place, faults: Fault[]): Dep | undefined {
  if (text.includes('\0')) {
    faults.push({ code: 'ERS_SCHEMA', message: 'A path cannot hold a zero character.', place });
    return undefined;
  }
  const path = posix.normalize(text);
  return { type: 'path', path: path.length > 1 ? path.replace(/\/$/, '') : path, place };
}

interface MadeOut {
  readonly out: string;
  readonly sub: string | undefined;
  /** Below a member's folder: what is not declared as a folder keeps its name. */
  readonly folder: string;
}

function readOut(
  stage: string,
  rest: string,
  { outs }: Maker,
  place: Place,
  faults: Fault[],
): MadeOut | undefined {
  const [out = '', ...below] = rest.split('/');
  const normal = posix.normalize(below.join('/')).replace(/^\/|\/$/g, '');
  const sub = normal === '.' || normal === '' ? undefined : normal;
  if (outs === 'unchecked') return { out, sub, folder: '' };
  const made = Object.hasOwn(outs, out) ? outs[out] : undefined;
  if (made === undefined) {
    faults.push({
      code: 'ERS_UNKNOWN_OUT',
      message: `The stage \`${stage}\` has no out \`${out}\`.`,
      place,
      ...didYouMean(out, Object.keys(outs)),
    });
    return undefined;
  }
  if (below.includes('..')) {
    faults.push({
      code: 'ERS_UNKNOWN_OUT',
      message: `The path ${below.join('/')} leaves the out by ..`,
      place,
    });
    return undefined;
  }
  if (sub !== undefined && made.kind === 'file') {
    const message = `The out ${stage}:${out} is a file: there is no ${sub} inside it.`;
    faults.push({ code: 'ERS_UNKNOWN_OUT', message, place });
    return undefined;
  }
  const isFolder = sub === undefined && made.kind === 'folder';
  return { out, sub, folder: isFolder ? '' : `/${posix.basename(sub ?? made.path)}` };
}

function findMember(
  stage: string,
  wanted: string,
  { members, place: also }: Grid,
  place: Place,
  faults: Fault[],
): GridMember | undefined {
  const found = members.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const message = `\`${stage}\` has no member \`${stage}@${wanted}\`.`;
  const names = members.map(({ name }) => name);
  faults.push({ code: 'ERS_UNKNOWN_STAGE', message, place, also, ...didYouMean(wanted, names) });
  return undefined;
}

/** The member with the reader's own values: the reader must have all axes of the stage above, each with the same values. */
function pair(
  stage: string,
  rest: string,
  grid: Grid,
  reader: Reader,
  place: Place,
  faults: Fault[],
): GridMember | undefined {
  // What is wrong with the reader's matrix is told there.
  if (reader.grid === 'unchecked') return undefined;
  const [first] = grid.members;
  const ways = `Name one as \`${first?.id ?? stage}:${rest}\`, or take all as one folder with \`${stage}@*:${rest}\``;
  for (const axis of grid.axes) {
    const own = reader.grid?.axes.find(({ key }) => key === axis.key);
    if (own === undefined) {
      const lacks = reader.grid === undefined ? 'no matrix' : `no axis \`${axis.key}\``;
      faults.push({
        code: 'ERS_SCHEMA',
        message: `\`${stage}\` has ${grid.members.length} ${grid.members.length === 1 ? 'member' : 'members'}, and \`${reader.stage}\` has ${lacks} to pair up with them.`,
        place,
        also: grid.place,
        hint: `${ways}; or give \`${reader.stage}\` the same axes.`,
      });
      return undefined;
    }
    reader.paired.add(axis.key);
    const odd = findOdd(own, axis) ?? findOdd(axis, own);
    if (odd !== undefined) {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `\`${reader.stage}\` and \`${stage}\` cannot pair up: \`${axis.key}\` has ${odd} in only one of them.`,
        place: own.place,
        also: axis.place,
        hint: `Give both the same values. ${ways}.`,
      });
      return undefined;
    }
  }
  return reader.member === undefined ? undefined : grid.byValues.get(idOf(grid.axes, reader.member));
}

/** The first value that the other axis lacks, as text. */
function findOdd({ values }: Axis, other: Axis): string | undefined {
  return [...values].find((value) => !other.values.has(value));
}
