import { relative } from 'node:path';
import { canonical, type Json } from '../../base/canonical.ts';
import { isFilled, paramAt, placeholdersOf, type Placeholder } from '../definition/placeholders.ts';
import type { Job } from './job.ts';

/** A program and its arguments. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
  /** What its placeholders refer to. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Puts paths and params into a command. A list needs no shell: a placeholder is replaced inside its argument. A string
 * goes to `/bin/sh -c`: each placeholder becomes `"${ERS_P1}"` and its value a variable of the environment, so that no
 * value is ever read as code, wherever it stands. The definition has checked every name.
 *
 * Paths are relative to `work`, the folder that it starts in (`../deps/scene`): a program that prints them (`sha256sum`) would otherwise
 * write the attempt's random name into its out.
 */
export function commandLine(template: string | readonly string[], job: Job, work: string): CommandLine {
  if (typeof template !== 'string') {
    const [program, ...args] = template.map((word) =>
      fill(word, ({ group, name }) => valueOf(job, work, group, name)),
    );
    if (program === undefined) throw new Error(`Internal error: ${job.stage} has an empty command`);
    return { program, args, env: {} };
  }
  const names = new Map<string, string>();
  const env: Record<string, string> = {};
  const line = fill(template, ({ token, group, name }) => {
    const variable = names.get(token) ?? `ERS_P${names.size + 1}`;
    names.set(token, variable);
    env[variable] = valueOf(job, work, group, name);
    return `"\${${variable}}"`;
  });
  return { program: '/bin/sh', args: ['-c', line], env };
}

function fill(text: string, value: (placeholder: Placeholder) => string): string {
  let filled = '';
  let from = 0;
  for (const placeholder of placeholdersOf(text).filter(isFilled)) {
    filled += text.slice(from, placeholder.at) + value(placeholder);
    from = placeholder.at + placeholder.token.length;
  }
  return filled + text.slice(from);
}

function valueOf(job: Job, work: string, group: string, name: string): string {
  if (group === 'params') return paramText(job.params, name);
  const path = group === 'deps' ? pathOf(job.deps, name, group) : pathOf(job.outs, name, group);
  return relative(work, path);
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
