import { sep } from 'node:path';
import { FaultError } from '../base/fault.ts';
import { readOnlyFault } from '../cache/errno.ts';
import { collect, type Gc } from '../cache/gc.ts';
import type { StageChoice } from '../cache/choose.ts';
import { removeLeftovers, storeLeftovers, type Leftover } from '../cache/leftovers.ts';
import { sweepAttempts } from '../engine/attempt/peers.ts';
import { removeCheckpoints, sizesOf, unusedCheckpoints } from '../engine/attempt/unused-checkpoints.ts';
import { keptResults, projectLeftovers } from '../engine/project/housekeeping.ts';
import { unusedRemote } from '../engine/project/unused-remote.ts';
import { attemptsFolder } from '../engine/project/layout.ts';
import { plural, sayBytes } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { alignRows } from './table.ts';

export interface GcOptions extends PipelineOptions {
  readonly dry?: true;
  /** Bytes. */
  readonly maxSize: number;
  /** ms. */
  readonly olderThan: number;
  readonly json?: true;
}

/** `ers gc`: removes results that nobody needs and that the cap does not keep. Exit code 1 if a run was in the way. */
export function gcCommand(options: GcOptions, io: Io, where: Where): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const { root, readOnly } = project.store;
    const dry = options.dry === true;
    if (readOnly && !dry) throw new FaultError(readOnlyFault(root));
    const now = io.now();
    const gc = orThrow(
      collect(root, {
        ...{ project: project.pipeline.root, dry, now },
        ...{ maxBytes: options.maxSize, maxAge: options.olderThan, keep: keptResults(project.pipeline) },
      }),
    );
    if (!dry) await sweepAttempts(attemptsFolder(project));
    const found = [...storeLeftovers(root, now), ...projectLeftovers(project, now)];
    const unused = unusedCheckpoints(project, now, options.olderThan);
    const checkpoints = dry ? sizesOf(unused) : removeCheckpoints(unused);
    const unread = unusedRemote(project, now, options.olderThan);
    const stayed = dry ? [] : removeLeftovers(root, [...found, ...unread]);
    for (const { path } of stayed) io.err(`${path} stays: it holds files of another user`);
    const leftovers = found.filter((each) => !stayed.includes(each));
    const remote = unread.filter((each) => !stayed.includes(each));
    const said = { store: root, ...gc, leftovers, checkpoints, remote };
    if (options.json === true) io.out(JSON.stringify(said, undefined, 2));
    else for (const line of gcLines(gc, { leftovers, checkpoints, remote }, root + sep)) io.out(line);
    return gc.type === 'busy' ? exitCodes.failed : exitCodes.ok;
  });
}

/** What no result needs, beside the trees. */
interface Rest {
  readonly leftovers: readonly Leftover[];
  /** Of keys that no run asked for in a long time. */
  readonly checkpoints: readonly Leftover[];
  /** Fetched from a hub, outside the store. */
  readonly remote: readonly Leftover[];
}

function gcLines(gc: Gc, { leftovers, checkpoints, remote }: Rest, root: string): readonly string[] {
  const { choice } = gc;
  const head = ['stage', 'kept', '', gc.type === 'chosen' ? 'to remove' : 'removed', ''];
  const rows = choice.stages.map(rowOf);
  const said =
    sayRest(leftovers, 'leftover') +
    sayRest(checkpoints, 'unused checkpoint') +
    sayRest(remote, 'fetched file');
  const kept = `${sayBytes(choice.keptBytes)} kept in ${root.slice(0, -1)}`;
  if (gc.type === 'busy') {
    return [
      `Nothing was removed: ${gc.run.holder} is storing a result this moment, and may need any. Run ers gc again.`,
    ];
  }
  const verb = gc.type === 'chosen' ? 'would be removed' : 'removed';
  const spared =
    gc.type === 'removed' && gc.spared > 0
      ? [`${plural(gc.spared, 'output')} of these came to be needed meanwhile and stayed`]
      : [];
  return [
    ...(rows.length === 0 ? [] : alignRows([head, ...rows], [1, 2, 3, 4])),
    ...spared,
    `${sayBytes(choice.bytes)} ${verb}${said}; ${kept}`,
  ];
}

function sayRest(some: readonly Leftover[], noun: string): string {
  const bytes = some.reduce((sum, each) => sum + each.bytes, 0);
  return some.length === 0 ? '' : `, and ${plural(some.length, noun)} (${sayBytes(bytes)})`;
}

function rowOf({ stage, kept, removed }: StageChoice): readonly string[] {
  const say = ({ results, bytes }: StageChoice['kept']) =>
    results === 0 ? ['', ''] : [plural(results, 'result'), sayBytes(bytes)];
  return [stage, ...say(kept), ...say(removed)];
}
