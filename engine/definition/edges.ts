import { posix } from 'node:path';
import type { Fault, Place } from '../../base/fault.ts';
import { didYouMean } from './suggest.ts';
import type { Dep, Out, StageName } from './types.ts';

const edge = /^([A-Za-z][A-Za-z0-9_-]*):(.*)$/s;

/** What an edge may point at: outs of the stages, or `unchecked` where a stage has faults of its own. */
export type Makers = ReadonlyMap<string, Readonly<Record<string, Out>> | 'unchecked'>;

/** Tells `stage:out/sub` from a path, and checks that the stage makes the out. */
export function readDep(text: string, place: Place, makers: Makers, faults: Fault[]): Dep | undefined {
  const match = edge.exec(text);
  if (match === null) {
    if (text.includes('\0')) {
      faults.push({ code: 'ERS_SCHEMA', message: 'A path cannot hold a zero character.', place });
      return undefined;
    }
    const path = posix.normalize(text);
    return { type: 'path', path: path.length > 1 ? path.replace(/\/$/, '') : path, place };
  }
  const stage = match[1] ?? '';
  const [out = '', ...below] = (match[2] ?? '').split('/');
  const outs = makers.get(stage);
  if (outs === undefined) {
    const meant = didYouMean(stage, makers.keys()).hint;
    faults.push({
      code: 'ERS_UNKNOWN_STAGE',
      message: `There is no stage \`${stage}\`.`,
      place,
      hint: meant?.startsWith('Did') === true ? meant : `A path that holds a colon is written ./${text}`,
    });
    return undefined;
  }
  const sub = posix.normalize(below.join('/')).replace(/\/$/, '');
  const inside = sub === '.' || sub === '' ? {} : { sub };
  const dep: Dep = { type: 'out', stage: stage as StageName, out, ...inside, place };
  if (outs === 'unchecked') return dep;
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
  if (dep.sub !== undefined && made.kind === 'file') {
    const message = `The out ${stage}:${out} is a file: there is no ${dep.sub} inside it.`;
    faults.push({ code: 'ERS_UNKNOWN_OUT', message, place });
    return undefined;
  }
  return dep;
}
