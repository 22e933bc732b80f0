import type { Json } from '../base/canonical.ts';
import { isDigest, short } from '../base/digest.ts';
import { fail, FaultError } from '../base/fault.ts';
import { didYouMean } from '../engine/definition/suggest.ts';
import { plural, sayBytes, sayScore, saySeconds } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type PipelineOptions, type Where } from './open.ts';
import { isObject, rowsOf } from './readable.ts';
import { allRecords, sayWhen, type KnownRecord } from './records.ts';
import { alignRows } from './table.ts';

/** `ers show STAGE[@RECORD]`: what one result was made from, what it is and where it came from. */
export function showCommand(
  name: string,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const found = choose(name, allRecords(project), [...project.pipeline.order]);
    const { record } = found;
    if (options.json === true) io.out(JSON.stringify(record, undefined, 2));
    else for (const line of recordLines(found, (out) => project.store.pathOf(out))) io.out(line);
    return exitCodes.ok;
  });
}

/** The record that `stage` (the current one, else the newest) or `stage@prefix` names. */
export function choose(
  name: string,
  records: readonly KnownRecord[],
  stages: readonly string[],
): KnownRecord {
  const { stage, prefix } = splitName(name, new Set([...stages, ...records.map((known) => known.stage)]));
  const own = records.filter((known) => known.stage === stage);
  const newest = own.at(-1);
  if (newest === undefined) {
    const member = stages.find((other) => other.startsWith(`${stage}@`));
    if (member !== undefined) return usageFault(`${stage} has several members.`, `Name one, as ${member}.`);
    if (!stages.includes(stage)) {
      throw new FaultError({
        code: 'ERS_UNKNOWN_STAGE',
        message: `There is no stage \`${stage}\`.`,
        ...didYouMean(stage, stages),
      });
    }
    return usageFault(`${stage} was never made.`, `Run: npx ers run ${stage}`);
  }
  if (prefix === undefined) return own.find((known) => known.current) ?? newest;
  const named = own.filter((known) => known.record.key.startsWith(prefix));
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  const many = named.length === 0 ? 'no record' : `${named.length} records`;
  return usageFault(`${stage} has ${many} that begin with ${prefix}.`, 'See: npx ers ls');
}

/** `train@lr-0.001@4f2a` → the member of a matrix and the first digits of a key. */
function splitName(
  name: string,
  known: ReadonlySet<string>,
): { readonly stage: string; readonly prefix?: string } {
  const at = name.lastIndexOf('@');
  return known.has(name) || at === -1
    ? { stage: name }
    : { stage: name.slice(0, at), prefix: name.slice(at + 1) };
}

function usageFault(message: string, hint: string): never {
  return orThrow<never>(fail({ code: 'ERS_USAGE', message, hint }));
}

function recordLines(
  { record, stage, at, current }: KnownRecord,
  pathOf: (out: KnownRecord['record']['outs'][string]) => string,
): readonly string[] {
  const { outs, metrics, made, key } = record;
  const inputs = memberOf(record.inputs, 'params');
  const deps = memberOf(record.inputs, 'deps');
  const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
    rows.length === 0 ? [] : ['', title, ...alignRows(rows).map((line) => `  ${line}`)];
  const members = (value: Json) =>
    Object.entries(isObject(value) ? value : {}).flatMap(([name, member]) => rowsOf(name, member));
  const seconds = made['seconds'];
  const took = typeof seconds === 'number' ? `, took ${saySeconds(seconds)}` : '';
  return [
    `${stage}@${short(key)}  made ${sayWhen(at)} UTC${took}${current ? ', in use' : ''}`,
    ...section('parameters', members(inputs)),
    ...section('inputs', inputRows(deps)),
    ...section(
      'outputs',
      Object.entries(outs).map(([name, out]) => [
        name,
        plural(out.files, 'file'),
        sayBytes(out.bytes),
        short(out.digest),
        pathOf(out),
      ]),
    ),
    ...section(
      'metrics',
      Object.entries(metrics).map(([name, value]) => [name, sayScore(value)]),
    ),
    ...section(
      'made',
      Object.entries(made)
        .filter(([name]) => name !== 'modules' && name !== 'stage' && name !== 'at')
        .flatMap(([name, member]) => rowsOf(name, member)),
    ),
  ];
}

/** Name, kind and content of each input. */
function inputRows(deps: Json): readonly (readonly string[])[] {
  return Object.entries(isObject(deps) ? deps : {}).map(([name, dep]) => {
    const digest = memberOf(dep, 'digest');
    const kind = memberOf(dep, 'kind');
    return [
      name,
      typeof kind === 'string' ? kind : '?',
      typeof digest === 'string' && isDigest(digest) ? short(digest) : '?',
    ];
  });
}

function memberOf(value: Json, name: string): Json {
  return isObject(value) ? (value[name] ?? null) : null;
}
