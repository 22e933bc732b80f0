import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changeFile, linkFiles, makeFiles } from './data.ts';
import { chain, pair } from './project.ts';
import { measure, type Ran } from './shell.ts';
import type { Tool } from './tool.ts';

/** What was measured of one tool: a list for each question, one entry a round. */
export interface Timings {
  readonly tool: string;
  readonly first: readonly Ran[];
  readonly noop: readonly Ran[];
  readonly changed: readonly Ran[];
  /** Why it has no more entries, if it failed. */
  failure?: string;
}

/** A tool that took so long in all its rounds so far gets no more of them, s. */
const patience = 20;
/** One whose first run took longer than this is asked nothing else, s. */
const limit = 60;

/** Makes the project of `count` files for each tool, runs it first, with nothing to do, and with one file changed. */
export function compareFiles(
  work: string,
  tools: readonly Tool[],
  count: number,
  rounds: number,
  say: (line: string) => void,
): readonly Timings[] {
  const data = join(work, `data-${count}`);
  makeFiles(data, count);
  const all = tools.map((tool) => {
    const folder = join(work, `${tool.name.replace(/\W/g, '')}-${count}`);
    linkFiles(data, join(folder, 'data'));
    tool.write(folder, chain);
    const timings: Lists = { tool: tool.name, first: [], noop: [], changed: [] };
    return { tool, folder, timings };
  });
  const ask = (question: 'first' | 'noop' | 'changed', each: (typeof all)[number]): void => {
    const list = each.timings[question];
    if (each.timings.failure !== undefined) return;
    if (list.reduce((sum, { seconds }) => sum + seconds, 0) > patience || isTooSlow(each.timings)) return;
    const ran = measure(each.folder, each.tool.run(chain, 1));
    if (ran.code === 0) list.push(ran);
    else each.timings.failure = `${question} run ended with ${ran.code}: ${lastLine(ran.output)}`;
    say(`${count} files, ${question}, ${each.tool.name}: ${ran.seconds.toFixed(2)} s`);
  };
  for (const each of all) ask('first', each);
  // One that is not measured: some tools have something to note down the second time.
  for (const { tool, folder, timings } of all) {
    if (!isTooSlow(timings)) measure(folder, tool.run(chain, 1));
  }
  for (let round = 0; round < rounds; round += 1) for (const each of turned(all, round)) ask('noop', each);
  for (let round = 0; round < 3; round += 1) {
    changeFile(data);
    for (const each of turned(all, round)) ask('changed', each);
  }
  return all.map(({ timings }) => timings);
}

/** Two stages of 2 s that need not wait for each other. */
export function comparePair(
  work: string,
  tools: readonly Tool[],
  say: (line: string) => void,
): readonly { readonly tool: string; readonly seconds: number | undefined }[] {
  return tools.map((tool) => {
    const folder = join(work, `${tool.name.replace(/\W/g, '')}-pair`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'seed.txt'), 'seed\n');
    tool.write(folder, pair);
    const { code, seconds } = measure(folder, tool.run(pair, 2));
    say(`two stages of 2 s, ${tool.name}: ${seconds.toFixed(2)} s`);
    return { tool: tool.name, seconds: code === 0 ? seconds : undefined };
  });
}

function isTooSlow({ first }: Timings): boolean {
  return (first[0]?.seconds ?? 0) > limit;
}

interface Lists extends Timings {
  readonly first: Ran[];
  readonly noop: Ran[];
  readonly changed: Ran[];
}

/** Who is first changes from round to round. */
function turned<T>(list: readonly T[], round: number): readonly T[] {
  const at = round % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
