import { canonical, type Json } from '../../base/canonical.ts';
import type { Job } from './job.ts';

/** A program and its arguments. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
}

const placeholder = /\{(deps|outs|params)\.([^{}]+)\}/g;

/**
 * Puts paths and params into a command. A list needs no shell: a placeholder is replaced inside its argument.
 * A string goes to `/bin/sh -c`: each placeholder becomes one quoted word. The definition has checked every name.
 */
export function commandLine(template: string | readonly string[], job: Job): CommandLine {
  if (typeof template === 'string') {
    const line = fill(template, job, shellWord);
    return { program: '/bin/sh', args: ['-c', line] };
  }
  const [program, ...args] = template.map((word) => fill(word, job, (text) => text));
  if (program === undefined) throw new Error(`Internal error: ${job.stage} has an empty command`);
  return { program, args };
}

/** One word for a POSIX shell, whatever is in it: `it's` → `'it'\''s'`. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fill(text: string, job: Job, word: (text: string) => string): string {
  return text.replace(placeholder, (_, group: 'deps' | 'outs' | 'params', name: string) =>
    word(group === 'params' ? paramText(job.params, name) : pathOf(job[group], name, group)),
  );
}

function pathOf(paths: Readonly<Record<string, string>>, name: string, group: string): string {
  const path = paths[name];
  if (path === undefined) throw new Error(`Internal error: no {${group}.${name}}`);
  return path;
}

/** Texts as they are, anything else as JSON: `{params.lr}` → `0.001`, `{params.classes}` → `[1,2]`. */
function paramText(params: Readonly<Record<string, Json>>, name: string): string {
  const value = paramAt(params, name);
  if (value === undefined) throw new Error(`Internal error: no {params.${name}}`);
  return typeof value === 'string' ? value : canonical(value);
}

/** `split.seed` is a param of that name, or the member `seed` of the group `split`. */
function paramAt(params: Readonly<Record<string, Json>>, name: string): Json | undefined {
  if (Object.hasOwn(params, name)) return params[name];
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const group = Object.hasOwn(params, name.slice(0, dot)) ? params[name.slice(0, dot)] : undefined;
    if (typeof group === 'object' && group !== null && !Array.isArray(group)) {
      return paramAt(group as Readonly<Record<string, Json>>, name.slice(dot + 1));
    }
  }
  return undefined;
}
