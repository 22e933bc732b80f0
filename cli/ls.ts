import { short } from '../base/digest.ts';
import { plural, sayBytes } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { isPinned } from '../engine/project/pins.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { allRecords, sayWhen } from './records.ts';
import { alignRows } from './table.ts';

/** `ers ls`: every artifact of every cached result, the current ones marked. */
export function lsCommand(
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const artifacts = allRecords(project).flatMap(({ record, stage, at, current }) =>
      Object.entries(record.outs).map(([out, { kind, files, bytes, digest }]) => ({
        ...{
          stage,
          out,
          kind,
          files,
          bytes,
          at,
          digest,
          key: record.key,
          current,
          pinned: isPinned(project, record.key),
        },
      })),
    );
    if (options.json === true) {
      io.out(JSON.stringify({ store: project.store.root, artifacts }, undefined, 2));
      return exitCodes.ok;
    }
    const rows = artifacts.map(({ stage, out, files, bytes, at, digest, key, current, pinned }) => [
      `${current ? '*' : ' '}${pinned ? '+' : ''}`,
      `${stage}@${short(key).slice(0, 8)}`,
      out,
      plural(files, 'file'),
      sayBytes(bytes),
      sayWhen(at),
      short(digest),
    ]);
    const head = [' ', 'stage@record', 'output', 'files', 'size', 'made (UTC)', 'digest'];
    for (const line of alignRows([head, ...rows], [3, 4])) io.out(line);
    const trees = new Map(artifacts.map(({ digest, bytes }) => [digest, bytes]));
    const bytes = [...trees.values()].reduce((sum, each) => sum + each, 0);
    io.out(
      `${plural(artifacts.length, 'artifact')}, ${sayBytes(bytes)} in ${project.store.root}; * is what artifacts/ shows${artifacts.some(({ pinned }) => pinned) ? ', + is pinned' : ''}`,
    );
    return exitCodes.ok;
  });
}
