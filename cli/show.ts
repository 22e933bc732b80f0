import type { Json } from '../base/canonical.ts';
import { isDigest, short } from '../base/digest.ts';
import { plural, sayBytes, sayScore, saySeconds } from '../ui/units.ts';
import { acceptedOf } from '../engine/project/accepted.ts';
import { exitCodes } from './exit-codes.ts';
import { chooseRecords } from './choose-record.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { provenanceLines } from './provenance.ts';
import { isObject, rowsOf } from './readable.ts';
import { allRecords, sayWhen, tellMetrics, type KnownRecord } from './records.ts';
import { alignRows } from './table.ts';

/** `ers show STAGE[@RECORD|@EXPERIMENT]`: what one result was made from, what it is and where it came from; of a matrix each member's. */
export function showCommand(
  name: string,
  options: PipelineOptions & { readonly json?: true; readonly provenance?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const found = chooseRecords(name, project).map((known) => ({ known, told: tellMetrics(known, project) }));
    if (options.json === true) {
      const [first, ...others] = found.map(({ told }) => ({ ...told.record, unread: told.unread }));
      io.out(JSON.stringify(others.length === 0 ? first : { stages: [first, ...others] }, undefined, 2));
      return exitCodes.ok;
    }
    for (const [at, { known, told }] of found.entries()) {
      if (at > 0) io.out('');
      const lines =
        options.provenance === true
          ? provenanceLines(known, allRecords(project))
          : recordLines({ ...known, record: told.record }, told.unread, (out) => project.store.pathOf(out));
      for (const line of lines) io.out(line);
    }
    return exitCodes.ok;
  });
}

function recordLines(
  { record, stage, at, current }: KnownRecord,
  unread: readonly string[],
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
  const accepted = acceptedOf(record);
  const kept = accepted === undefined ? '' : `, accepted ${sayWhen(accepted.when)} UTC`;
  return [
    `${stage}@${short(key)}  made ${sayWhen(at)} UTC${took}${current ? ', in use' : ''}${kept}`,
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
    ...section('metrics', [
      ...Object.entries(metrics).map(([name, value]) => [name, sayScore(value)]),
      ...unread.map((out) => [
        `(the bytes of ${out} are not there; a run with --force makes them again)`,
        '',
      ]),
    ]),
    ...section(
      'made',
      Object.entries(made)
        .filter(([name]) => !['modules', 'stage', 'at', 'metrics'].includes(name))
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
