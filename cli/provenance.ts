import type { Json } from '../base/canonical.ts';
import { isDigest, sha256, short } from '../base/digest.ts';
import type { StageRecord } from '../cache/types.ts';
import { readKeyInputs, type KeyInputs } from '../engine/key/key.ts';
import { leaves } from '../engine/plan/diff.ts';
import { sayBytes, saySeconds } from '../ui/units.ts';
import { rowsOf } from './readable.ts';
import { sayWhen, type KnownRecord } from './records.ts';
import { alignRows } from './table.ts';

type Row = readonly [name: string, text: string];

/** `ers show --provenance`: all that is known of how a result came to be, and of what it was made, up to the first inputs. */
export function provenanceLines(known: KnownRecord, all: readonly KnownRecord[]): readonly string[] {
  const { record } = known;
  const inputs = readKeyInputs(record.inputs);
  const section = (title: string, rows: readonly Row[]): readonly string[] =>
    rows.length === 0 ? [] : ['', title, ...alignRows(rows).map((line) => `  ${line}`)];
  return [
    `${sayName(known)}  key ${record.key}`,
    ...section('when', whenRows(record)),
    ...(inputs === undefined ? [] : section('code', codeRows(inputs, record))),
    ...(inputs === undefined ? [] : section('seed', seedRows(inputs))),
    ...(inputs === undefined ? [] : section('parameters', paramRows(inputs))),
    ...section('inputs', inputs === undefined ? [] : inputRows(inputs, record)),
    ...(inputs === undefined ? [] : section('environment', envRows(inputs))),
    ...section('versions', pick(record, ['ers', 'node', 'runtime'])),
    ...section('machine', machineRows(record)),
    ...section('made from', lineage(known, all, new Set([record.key]), '')),
  ];
}

function sayName({ stage, record }: KnownRecord): string {
  return `${stage}@${short(record.key).slice(0, 8)}`;
}

function whenRows({ made }: StageRecord): readonly Row[] {
  const { started, at, seconds } = made;
  const peak = made['peakMemory'];
  return [
    ...(typeof started === 'string' ? [['started', `${sayWhen(started)} UTC`] as const] : []),
    ...(typeof at === 'string' ? [['recorded', `${sayWhen(at)} UTC`] as const] : []),
    ...(typeof seconds === 'number' ? [['took', saySeconds(seconds)] as const] : []),
    // Only what ended well is recorded.
    ['exit code', '0'],
    ...(typeof peak === 'number' ? [['peak memory', sayBytes(peak)] as const] : []),
  ];
}

function codeRows({ code }: KeyInputs, { made }: StageRecord): readonly Row[] {
  if (code.type === 'command') return rowsOf('command', code.template);
  const { modules } = made;
  const count = typeof modules === 'object' && modules !== null ? Object.keys(modules).length : 0;
  return [
    ...Object.entries(code.bundles).map(([name, digest]): Row => [`bundle ${name}`, short(digest)]),
    ['modules', `${count}, each with its digest in --json`],
    ...Object.entries(code.packages).map(([name, version]): Row => [`package ${name}`, version]),
  ];
}

/** Parameters whose last word is `seed`. */
function seedRows({ params }: KeyInputs): readonly Row[] {
  return Object.entries(leaves(params))
    .filter(([name]) => /(^|[._])seed$/.test(name))
    .map(([name, value]) => [name, JSON.stringify(value)]);
}

function paramRows({ params }: KeyInputs): readonly Row[] {
  return Object.entries(params).flatMap(([name, value]) => rowsOf(name, value));
}

function inputRows({ deps }: KeyInputs, { made }: StageRecord): readonly Row[] {
  const sources = made['sources'] as Readonly<Record<string, Json>> | undefined;
  return Object.entries(deps).map(([name, { kind, digest }]) => {
    const source = sources?.[name];
    return [name, `${kind} ${short(digest)}${typeof source === 'string' ? ` from ${source}` : ''}`];
  });
}

/** Of a value only its digest: it may be a secret. */
function envRows({ env }: KeyInputs): readonly Row[] {
  return Object.entries(env).map(([name, value]) => [
    name,
    value === null ? '(unset)' : `sha256 ${short(sha256(value))}`,
  ]);
}

function machineRows(record: StageRecord): readonly Row[] {
  const { memory } = record.made;
  return [
    ...pick(record, ['host', 'os', 'platform', 'processor', 'processors', 'cores', 'gpus']),
    ...(typeof memory === 'number' ? [['memory', sayBytes(memory)] as const] : []),
  ];
}

function pick({ made }: StageRecord, names: readonly string[]): readonly Row[] {
  return names.flatMap((name) => {
    const value = made[name];
    return value === undefined || value === null ? [] : rowsOf(name, value);
  });
}

/** The results whose outs were its inputs, and theirs, each once. */
function lineage(
  { record }: KnownRecord,
  all: readonly KnownRecord[],
  seen: Set<string>,
  indent: string,
): readonly Row[] {
  const sources = record.made['sources'];
  const deps = readKeyInputs(record.inputs)?.deps ?? {};
  if (typeof sources !== 'object' || sources === null || Array.isArray(sources)) return [];
  return Object.entries(sources as Readonly<Record<string, Json>>).flatMap(
    ([name, source]): readonly Row[] => {
      const digest = deps[name]?.digest;
      if (typeof source !== 'string' || digest === undefined || !isDigest(digest)) return [];
      // A part of a folder has a digest of its own: whose it was is not told by the records.
      const made = all.findLast(
        (known) =>
          source.startsWith(`${known.stage}:`) &&
          Object.values(known.record.outs).some((stored) => stored.digest === digest),
      );
      if (made === undefined) return [[`${indent}${source}`, short(digest)]];
      if (seen.has(made.record.key)) return [];
      seen.add(made.record.key);
      return [
        [`${indent}${sayName(made)}`, `made ${sayWhen(made.at)} UTC`],
        ...lineage(made, all, seen, `${indent}  `),
      ];
    },
  );
}
