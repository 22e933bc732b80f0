import { FaultError } from '../../base/fault.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Stage } from '../definition/types.ts';
import { sight, type Find, type RecordOf } from '../key/inputs.ts';
import type { Project } from '../project/project.ts';
import { keyStage, standingOf, type Standing, type WholeKey } from '../key/standing.ts';

/** What is to be done about a stage, now that all above it is known. */
export type Decision =
  /** A result of its key is there. */
  | { readonly type: 'reuse'; readonly record: StageRecord }
  /** Its record stands, its bytes were collected, and nobody has asked for them. */
  | { readonly type: 'leave'; readonly record: StageRecord }
  | {
      readonly type: 'make';
      readonly keyed: WholeKey;
      /** What there is of a former result is damaged. */
      readonly damaged?: Extract<Standing, { type: 'damaged' }>;
    };

/** What `decide` must be told beside the stage. */
export interface Question {
  /** What the plan found at paths outside the store. Whether it still holds is seen when the stage starts. */
  readonly planned?: WholeKey | undefined;
  readonly recordOf: RecordOf;
  /** Whether a result that is there will do. */
  readonly counts: (record: StageRecord) => boolean;
  /** Somebody needs its bytes: the user, or a stage below. */
  readonly asked: boolean;
}

/** Reads the disk, changes nothing. Throws `FaultError` for an input that is missing or cannot be one. */
export async function decide(project: Project, stage: Stage, question: Question): Promise<Decision> {
  const keyed = await wholeKey(project, stage, question);
  const standing = await standingOf(project, stage.name, keyed.key);
  switch (standing.type) {
    case 'intact':
      return question.counts(standing.record)
        ? { type: 'reuse', record: standing.record }
        : { type: 'make', keyed };
    case 'collected':
      return question.asked ? { type: 'make', keyed } : { type: 'leave', record: standing.record };
    case 'damaged':
      return { type: 'make', keyed, damaged: standing };
    case 'absent':
      return { type: 'make', keyed };
    default:
      return unreachable(standing);
  }
}

async function wholeKey(project: Project, stage: Stage, { recordOf, planned }: Question): Promise<WholeKey> {
  const known = new Map(Object.values(planned?.inputs.known ?? {}).map((input) => [input.path, input]));
  const find: Find = (path) => {
    const input = known.get(path);
    return input === undefined ? sight(project, path) : Promise.resolve(input);
  };
  const keyed = await keyStage(project, stage, recordOf, find);
  if (!keyed.ok) throw new FaultError(...keyed.faults);
  const { key } = keyed.value;
  if (key === undefined) throw new Error(`Internal error: ${stage.name} has unknown inputs`);
  return { ...keyed.value, key };
}
