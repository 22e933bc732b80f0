import { join } from 'node:path';
import { openStatIndex } from '../cache/stat-index.ts';
import type { Found, Manifest, StatIndex, StoredOut } from '../cache/types.ts';
import type { Project } from '../engine/index.ts';
import { plural, sayBytes } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type PipelineOptions, type Where } from './open.ts';
import { allRecords } from './records.ts';

interface Checked {
  readonly stage: string;
  readonly out: string;
  readonly state: 'intact' | 'collected' | 'damaged';
  readonly bytes: number;
  /** Files that are not what the manifest says. */
  readonly files: readonly string[];
  /** Where a damaged tree was moved. */
  readonly moved?: string;
}

/** `ers verify`: reads every stored artifact again and moves damaged ones aside. Exit code 1 if there was damage. */
export function verifyCommand(
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const checked: Checked[] = [];
    for (const [tree, { stage, name, out }] of treesOf(project)) {
      const result = await check(project, stage, name, out);
      const damaged = result.state === 'damaged' && !project.store.readOnly;
      const moved = damaged ? project.store.quarantine(tree) : undefined;
      checked.push(moved === undefined ? result : { ...result, moved });
    }
    const damaged = checked.filter(({ state }) => state === 'damaged');
    if (options.json === true) io.out(JSON.stringify({ checked }, undefined, 2));
    else sayChecked(checked, damaged, io);
    return damaged.length > 0 ? exitCodes.failed : exitCodes.ok;
  });
}

/** Each stored tree once, with one of the outs that it is. */
function treesOf(project: Project) {
  return new Map(
    allRecords(project).flatMap(({ record, stage }) =>
      Object.entries(record.outs).map(([name, out]) => [out.tree, { stage, name, out }] as const),
    ),
  );
}

async function check(project: Project, stage: string, name: string, out: StoredOut): Promise<Checked> {
  // An index that remembers nothing reads every byte, whatever the files' times say.
  const reader = openStatIndex({ file: join(project.store.root, 'no-index') });
  const path = project.store.pathOf(out);
  const base = { stage, out: name, bytes: out.bytes };
  const found = await reader.find(path);
  if (found.kind === 'missing') return { ...base, state: 'collected', files: [] };
  if (isSame(found, out)) return { ...base, state: 'intact', files: [] };
  return { ...base, state: 'damaged', files: await differences(project, reader, path, out) };
}

function isSame(found: Found, out: StoredOut): boolean {
  return found.kind === out.kind && found.digest === out.digest;
}

async function differences(
  project: Project,
  reader: StatIndex,
  path: string,
  out: StoredOut,
): Promise<readonly string[]> {
  const said = new Map(
    (project.store.manifest(out.tree) ?? []).map(({ path: file, digest }) => [file, digest]),
  );
  const found: Manifest = await reader.manifest(path);
  const there = new Map(found.map(({ path: file, digest }) => [file, digest]));
  const names = [...new Set([...said.keys(), ...there.keys()])];
  return names.filter((file) => said.get(file) !== there.get(file));
}

function sayChecked(checked: readonly Checked[], damaged: readonly Checked[], io: Io): void {
  for (const { stage, out, files, moved } of damaged) {
    const which = files
      .filter((file) => file !== '')
      .slice(0, 3)
      .join(', ');
    io.out(`${io.paint('failed', 'damaged')}  ${stage}:${out}${which === '' ? '' : ` (${which})`}`);
    io.out(
      moved === undefined
        ? '  the store is read only: nothing was moved'
        : `  moved to ${moved}; the next ers run makes it again`,
    );
  }
  const intact = checked.filter(({ state }) => state === 'intact');
  const bytes = intact.reduce((sum, each) => sum + each.bytes, 0);
  const collected = checked.filter(({ state }) => state === 'collected').length;
  const rest = [
    ...(damaged.length > 0 ? [`${damaged.length} damaged`] : []),
    ...(collected > 0 ? [`${collected} collected`] : []),
  ];
  io.out(
    `${plural(intact.length, 'artifact')} intact (${sayBytes(bytes)} read)${rest.map((each) => `, ${each}`).join('')}`,
  );
}
