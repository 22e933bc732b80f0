import { short } from '../base/digest.ts';
import { FaultError } from '../base/fault.ts';
import { compareResults, type OutDifference, type ResultDifference } from '../engine/why/compare-results.ts';
import { sayUnread } from '../engine/key/metrics.ts';
import { sayInFull } from '../engine/reasons.ts';
import { plural, sayBytes, sayScore } from '../ui/units.ts';
import { choosePrevious, chooseRecord } from './choose-record.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { rowsOf } from './readable.ts';
import { sayWhen, tellMetrics, type KnownRecord } from './records.ts';
import { alignRows } from './table.ts';

/** How many files of a folder are named. */
const namedFiles = 5;

/** `ers diff A [B]`: in what two results differ; without B from A to what is current of its stage, and of a stage alone from the one that was in use before. */
export function diffCommand(
  first: string,
  second: string | undefined,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const named = chooseRecord(first, project);
    const after =
      second === undefined && first === named.stage ? named : chooseRecord(second ?? named.stage, project);
    const before = second === undefined && first === named.stage ? choosePrevious(named, project) : named;
    const [old, now] = [tellMetrics(before, project), tellMetrics(after, project)];
    const difference = compareResults(project, old.record, now.record);
    if (difference === null) {
      const shows = [before, after].map((each) => project.commandLine('show', nameOf(each)));
      throw new FaultError({
        code: 'ERS_USAGE',
        message: 'One of the two results was recorded by another version of ers, which cannot be compared.',
        hint: `See each of them with: ${shows.join('; ')}`,
      });
    }
    if (options.json === true) {
      const unread = { before: old.unread, after: now.unread };
      const [a, b] = [before, after].map(({ record, stage, at }) => ({ stage, key: record.key, at }));
      io.out(JSON.stringify({ before: a, after: b, ...difference, unread }, undefined, 2));
    } else {
      for (const line of diffLines(before, after, difference)) io.out(line);
      for (const { record, unread } of [old, now]) {
        if (unread.length > 0) io.out(`${nameOf({ stage: before.stage, record })}: ${sayUnread(unread)}`);
      }
    }
    return exitCodes.ok;
  });
}

function diffLines(before: KnownRecord, after: KnownRecord, difference: ResultDifference): readonly string[] {
  const { reasons, outs, metrics, made } = difference;
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  const isOne = before.record.key === after.record.key;
  const made2 = made.flatMap(({ fact, before: was, after: is }) => {
    const [old, now] = [new Map(rowsOf(fact, was)), new Map(rowsOf(fact, is))];
    return [...new Set([...old.keys(), ...now.keys()])]
      .filter((name) => old.get(name) !== now.get(name))
      .map((name) => `${name} ${old.get(name) ?? '(none)'} → ${now.get(name) ?? '(none)'}`);
  });
  return [
    `from ${sayRecord(before)}`,
    `to   ${sayRecord(after)}${isOne ? ', which is the same' : ''}`,
    ...section(
      'made from',
      reasons.length > 0 ? reasons.flatMap(sayInFull) : ['the same code, parameters and inputs'],
    ),
    ...section('outputs', outs.flatMap(outLines)),
    ...section('metrics', alignRows(metrics.map(metricRow), [1, 3, 4])),
    ...section('made', made2),
  ];
}

function nameOf({ stage, record }: Pick<KnownRecord, 'stage' | 'record'>): string {
  return `${stage}@${short(record.key).slice(0, 8)}`;
}

function sayRecord(known: KnownRecord): string {
  const { at, current } = known;
  return `${nameOf(known)}  made ${sayWhen(at)} UTC${current ? ', in use' : ''}`;
}

function outLines({ out, before, after, same, changes }: OutDifference): readonly string[] {
  if (before === null || after === null)
    return [`${out}: ${before === null ? 'only in the second' : 'only in the first'}`];
  if (same) return [`${out}: the same bytes (${sayBytes(after.bytes)})`];
  const more = changes.length - namedFiles;
  return [
    `${out}: ${sayBytes(before.bytes)} → ${sayBytes(after.bytes)}${changes.length === 0 ? '' : `, ${plural(changes.length, 'file')} changed`}`,
    ...changes
      .slice(0, namedFiles)
      .map(
        ({ path, change, from }) =>
          `  ${change === 'renamed' ? `${from ?? '?'} renamed to ${path}` : `${path} ${change}`}`,
      ),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function metricRow({ name, before, after }: ResultDifference['metrics'][number]): readonly string[] {
  const say = (value: number | null): string => (value === null ? '(none)' : sayScore(value));
  const change = before === null || after === null ? 0 : after - before;
  return [
    name,
    say(before),
    '→',
    say(after),
    change === 0 ? '' : `${change > 0 ? '+' : ''}${sayScore(change)}`,
  ];
}
