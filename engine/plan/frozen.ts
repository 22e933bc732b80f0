import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Stage } from '../definition/types.ts';
import { readKeyInputs } from '../key/key.ts';
import type { Project } from '../project/project.ts';
import { currentRecord, resultOf } from '../key/result.ts';
import { standingOf, type Keyed, type Standing } from '../key/standing.ts';

type Stands = Extract<Standing, { type: 'intact' | 'collected' }>;

/**
 * The result that stands for a frozen stage: the one that this project used last, whatever changed since; else the one
 * of its key, where a shared store has it. Faults: there is none, it is damaged, or its outs are not those that are declared now.
 */
export async function frozenResult(
  project: Project,
  stage: Stage,
  key: Keyed['key'],
): Promise<Result<Stands>> {
  const record =
    currentRecord(project, stage.name) ??
    (key === undefined ? undefined : resultOf(project, stage.name, key));
  if (record === undefined) return fail(fault(stage, 'there is no result of it to stand'));
  const lacking = Object.keys(stage.outs).find((out) => record.outs[out] === undefined);
  if (lacking !== undefined) return fail(fault(stage, `its last result has no out \`${lacking}\``));
  const other = findOther(stage, record);
  if (other !== undefined) return fail(fault(stage, `its last result has another ${other}`));
  const standing = await standingOf(project, stage.name, record.key);
  switch (standing.type) {
    case 'intact':
    case 'collected':
      return ok(standing);
    case 'damaged':
      return fail(
        fault(stage, `its artifact ${standing.out} is damaged${standing.file && ` (${standing.file})`}`),
      );
    case 'absent':
      return fail(frozenAway(stage));
    default:
      return unreachable(standing);
  }
}

/** An out that the result has elsewhere than it is declared now, or of another kind. */
function findOther({ outs }: Stage, { inputs, outs: stored }: StageRecord): string | undefined {
  const declared = readKeyInputs(inputs)?.outs;
  for (const [name, { path, kind }] of Object.entries(outs)) {
    const was = { path: declared?.[name]?.path ?? path, kind: stored[name]?.kind ?? kind };
    if (was.path === path && (kind === 'any' || was.kind === kind)) continue;
    return `out \`${name}\`: ${was.kind} ${was.path}, not ${kind === 'any' ? '' : `${kind} `}${path}`;
  }
  return undefined;
}

/** For a frozen stage whose bytes are needed and are gone. */
export function frozenAway(stage: Stage): Fault {
  return fault(stage, 'the bytes of its last result were collected');
}

/** For `--force` on a frozen stage. */
export function frozenForced(stage: Stage): Fault {
  return fault(stage, '--force asks for it to be made anew');
}

function fault({ name, place }: Stage, why: string): Fault {
  return {
    code: 'ERS_FROZEN',
    message: `${name} is frozen, so it is never made, but ${why}.`,
    place,
    hint: `Take \`frozen: true\` away from ${name} to let it run.`,
  };
}
