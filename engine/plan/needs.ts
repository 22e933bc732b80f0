import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Fault } from '../../base/fault.ts';
import { namesIn } from '../../cache/entries.ts';
import type { Pipeline, Stage, StageName } from '../definition/types.ts';
import { sayAmount } from '../definition/quantities.ts';
import type { Project } from '../project/project.ts';

/** Amounts by name: of what there is, of what is asked for. */
export type Amounts = Readonly<Record<string, number>>;

/** What this machine has to give to the stages of a run. */
export interface Machine {
  /** The GPUs as `CUDA_VISIBLE_DEVICES` names them: indices, or what the engine's own variable lists. */
  readonly gpus: readonly string[];
  /** There are GPUs, or somebody said that there are none: a stage on the processor is told to see none. */
  readonly hides: boolean;
  /** Of each named slot: `mem` in bytes, all others counted. A name that is not there has one. */
  readonly slots: Amounts;
}

/**
 * The native runtime on the processor: one stage at a time, since each keeps all cores busy and the bits of its result
 * depend on their number. No name of a slot has parentheses.
 */
const processor = '(processor)';

/** Looks without asking any program: the driver's own list, the memory of the machine or of its container. */
export function machineOf({ slots }: Pipeline, env: NodeJS.ProcessEnv): Machine {
  const listed = env['CUDA_VISIBLE_DEVICES'];
  const gpus = listed === undefined ? indices(countGpus()) : visibleGpus(listed);
  const limit = process.constrainedMemory();
  const memory = limit > 0 && limit < totalmem() ? limit : totalmem();
  return {
    gpus: gpus.slice(0, slots['gpu'] ?? gpus.length),
    hides: listed !== undefined || gpus.length > 0,
    slots: { mem: memory, ...slots },
  };
}

/** As CUDA reads its variable: what stands behind the first name of no device does not count. */
function visibleGpus(variable: string): readonly string[] {
  const listed = variable.split(',').map((name) => name.trim());
  const end = listed.findIndex((name) => !/^(\d+|(GPU|MIG)-.+)$/.test(name));
  return [...new Set(end === -1 ? listed : listed.slice(0, end))];
}

function indices(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

/** By the driver's own list, else by its devices; WSL has one device for all, and does not say how many there are. */
function countGpus(): number {
  const listed = namesIn('/proc/driver/nvidia/gpus').length;
  if (listed > 0) return listed;
  const devices = namesIn('/dev').filter((name) => /^nvidia\d+$/.test(name)).length;
  return devices > 0 || !existsSync('/dev/dxg') ? devices : 1;
}

/** What a stage must hold to be made, and which GPUs it may see. */
export interface Needs {
  readonly amounts: Amounts;
  /** How many GPUs are its own; null: nobody says to it which there are. */
  readonly gpus: number | null;
}

/**
 * A stage with a native runtime takes one GPU unless it says otherwise. Without a GPU in the machine, or with
 * `gpu: 0`, it takes the processor, and so does a program that asks for GPUs.
 */
export function needsOf(stage: Stage, machine: Machine): Needs {
  const { gpu: asked, ...amounts } = stage.resources;
  const native = stage.program.type === 'uses' && stage.program.definition.runtime !== null;
  const gpus = asked ?? (native ? 1 : null);
  if (gpus === null) return { amounts, gpus };
  if (gpus > 0 && machine.gpus.length > 0) return { amounts: { ...amounts, gpu: gpus }, gpus };
  const alone = native || gpus > 0 ? { [processor]: 1 } : {};
  return { amounts: { ...amounts, ...alone }, gpus: machine.hides ? 0 : null };
}

/** The capacity of every slot that these stages ask for. */
export function capacityFor(stages: Iterable<Stage>, machine: Machine): Amounts {
  const capacity: Record<string, number> = {};
  for (const stage of stages) {
    for (const name of Object.keys(needsOf(stage, machine).amounts)) capacity[name] = slotsOf(name, machine);
  }
  return capacity;
}

function slotsOf(name: string, { gpus, slots }: Machine): number {
  return name === 'gpu' ? gpus.length : (slots[name] ?? 1);
}

/** The stages that ask for more of a slot than there is, so that they could never start, each with its faults. */
export function unmetNeeds(
  { pipeline, env }: Pick<Project, 'pipeline' | 'env'>,
  stages: readonly Stage[],
): Map<StageName, readonly Fault[]> {
  const machine = machineOf(pipeline, env);
  return new Map(
    stages
      .map((stage) => [stage.name, faultsOf(stage, machine)] as const)
      .filter(([, faults]) => faults.length > 0),
  );
}

function faultsOf(stage: Stage, machine: Machine): readonly Fault[] {
  return Object.entries(needsOf(stage, machine).amounts).flatMap(([name, amount]): readonly Fault[] => {
    const there = slotsOf(name, machine);
    if (amount <= there) return [];
    return [
      {
        code: 'ERS_RESOURCES',
        message: `${stage.name} asks for ${sayAsked(name, amount, there)}.`,
        place: stage.place,
        hint: hintFor(name),
      },
    ];
  });
}

function sayAsked(name: string, amount: number, there: number): string {
  if (name === 'mem')
    return `${sayAmount(amount, 'up')} of \`mem\`, and this machine has ${sayAmount(there)}`;
  return `${amount} of \`${name}\`, and there ${there === 1 ? 'is' : 'are'} ${there}`;
}

function hintFor(name: string): string {
  if (name === 'gpu')
    return 'Ask for fewer, or run where there are more; CUDA_VISIBLE_DEVICES and `slots` can hide some.';
  if (name === 'mem') return 'Ask for less, or state in pipeline.yaml what it has: `slots: { mem: … }`.';
  return `There is 1 of what pipeline.yaml does not count; state how many: \`slots: { ${name}: … }\`.`;
}
