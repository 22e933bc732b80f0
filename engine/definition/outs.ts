import { posix } from 'node:path';
import type { Fault } from '../../base/fault.ts';
import { fold } from './fold.ts';
import type { RawStage, RawText } from './raw-pipeline.ts';
import { didYouMean, lacking } from '../../base/suggest.ts';
import type { BuiltStage } from '../built-stage.ts';
import type { Out } from './types.ts';

/** What most systems can open is 4096 bytes, and the store lies somewhere too. */
const maxPath = 1000;

/**
 * The outs of a stage: relative paths inside the stage's own folder, none equal to or inside another, also on a disk
 * that ignores case. A stage with `uses` must declare all outs of its definition and no other.
 */
export function readOuts(
  stage: RawStage,
  definition: BuiltStage | undefined,
  faults: Fault[],
): Readonly<Record<string, Out>> {
  const outs: [string, Out][] = [];
  for (const [name, raw] of stage.outs) {
    const kind = definition?.outs[name];
    if (definition !== undefined && !Object.hasOwn(definition.outs, name)) {
      faults.push({
        code: 'ERS_UNKNOWN_OUT',
        message: `${definition.name} makes no out \`${name}\`.`,
        place: raw.key,
        ...didYouMean(name, Object.keys(definition.outs)),
      });
      continue;
    }
    const problem = wrongPath(raw.text, kind);
    if (problem !== undefined) faults.push({ code: 'ERS_OUT_PATH', ...problem, place: raw.place });
    else {
      const path = posix.normalize(raw.text).replace(/\/$/, '');
      outs.push([
        name,
        { path, kind: kind ?? (raw.text.endsWith('/') ? 'folder' : 'any'), place: raw.place },
      ]);
    }
  }
  findClashes(stage.outs, outs, faults);
  for (const name of lacking(Object.keys(definition?.outs ?? {}), stage.outs.keys())) {
    faults.push({
      code: 'ERS_UNKNOWN_OUT',
      message: `${stage.name} must declare the out \`${name}\` that ${definition?.name ?? ''} makes.`,
      place: stage.keys.outs,
      hint: `Add it, for example ${name}: ${name}${definition?.outs[name] === 'folder' ? '/' : ''}.`,
    });
  }
  return Object.fromEntries(outs);
}

function wrongPath(
  path: string,
  kind: 'file' | 'folder' | undefined,
): { message: string; hint: string } | undefined {
  const hint = 'Write a relative path, for example model/ or table.csv.';
  if (path.includes('${')) return { message: 'An out is a fixed path: `${…}` works in deps.', hint };
  if (path.startsWith('/')) return { message: `The out ${path} is an absolute path.`, hint };
  if (/[\p{Cc}\\]/u.test(path)) return { message: 'The out has a backslash or a control character.', hint };
  if (path.split('/').includes('..'))
    return { message: `The out ${path} leaves the stage's folder by ..`, hint };
  if (path.length > maxPath) {
    return { message: `The out is a path of ${path.length} characters.`, hint: `At most ${maxPath}.` };
  }
  if (path.split('/').some((part) => Buffer.byteLength(part) > 200))
    return { message: 'The out has a name of more than 200 bytes.', hint: 'Shorten it.' };
  if (['.', './', ''].includes(posix.normalize(path)) || path === '')
    return { message: 'The out is empty.', hint };
  if (kind === 'file' && path.endsWith('/')) {
    return { message: `The out ${path} is a file: it has no slash at its end.`, hint: 'Remove the slash.' };
  }
  return undefined;
}

function findClashes(
  raw: ReadonlyMap<string, RawText>,
  outs: readonly [string, Out][],
  faults: Fault[],
): void {
  /** Folded path, and each folder above one → the first out there. */
  const at = new Map<string, string>();
  const above = new Map<string, string>();
  const paths = new Map(outs.map(([name, { path }]) => [name, path]));
  outs.forEach(([name, { path }]) => {
    const folded = fold(path);
    const folders = foldersOf(folded);
    const holder = folders.map((folder) => at.get(folder)).find((found) => found !== undefined);
    const other = at.get(folded) ?? above.get(folded) ?? holder;
    if (!at.has(folded)) at.set(folded, name);
    for (const folder of folders) if (!above.has(folder)) above.set(folder, name);
    const place = raw.get(name)?.place;
    if (other === undefined || place === undefined) return;
    const also = raw.get(other)?.place;
    const theirs = paths.get(other) ?? '';
    const relation = fold(theirs) === folded ? 'are the same path' : 'lie inside one another';
    faults.push({
      code: 'ERS_OUT_CLASH',
      message: `The outs \`${other}\` and \`${name}\` ${relation}: ${theirs} and ${path}.`,
      place,
      ...(also === undefined ? {} : { also }),
      hint: 'Give each out a path of its own; case does not tell paths apart.',
    });
  });
}

/** `a/b/c` → `a`, `a/b`. */
function foldersOf(path: string): readonly string[] {
  const steps = path.split('/');
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('/'));
}
