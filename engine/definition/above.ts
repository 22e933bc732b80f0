import { canonical, type Json } from '../../base/canonical.ts';
import type { Around } from '../stage.ts';
import type { Pipeline, Stage, StageName } from './types.ts';
import { valueAt } from './value-at.ts';

/**
 * What a stage and those above it tell of a param: none of them reads it, the nearest that do have this value, or it stays open,
 * since several differ or a program between may have made something else of it.
 */
type Finding = 'none' | 'open' | { readonly value: Json; readonly text: string };

/**
 * What the built-in stages above a stage read: see `Around.above`. A question is answered once for all stages. `refused` are those
 * whose schema refuses their params: a value of theirs may be of any type, so it stays open.
 */
export function aboveOf(
  pipeline: Pick<Pipeline, 'stages' | 'order'>,
  refused: ReadonlySet<StageName> = new Set(),
): (stage: Stage) => Around['above'] {
  const answers = new Map<string, ReadonlyMap<StageName, Finding>>();
  return (stage) => (uses, param) => {
    const question = `${uses} ${param}`;
    const findings = answers.get(question) ?? findAll(pipeline, refused, uses, param);
    answers.set(question, findings);
    const finding = together(stage, findings);
    return typeof finding === 'object' ? finding.value : undefined;
  };
}

function findAll(
  { stages, order }: Pick<Pipeline, 'stages' | 'order'>,
  refused: ReadonlySet<StageName>,
  uses: string,
  param: string,
): ReadonlyMap<StageName, Finding> {
  const findings = new Map<StageName, Finding>();
  for (const name of order) {
    const stage = stages.get(name);
    if (stage === undefined) throw new Error(`Internal error: no stage ${name}`);
    const builtIn = builtInName(stage);
    if (builtIn === uses) {
      const value = refused.has(name) ? undefined : valueAt(stage.params, param.split('.'));
      findings.set(name, value === undefined ? 'open' : { value, text: canonical(value) });
    } else {
      const finding = together(stage, findings);
      findings.set(name, builtIn === undefined && finding !== 'none' ? 'open' : finding);
    }
  }
  return findings;
}

/** What the stages that one reads from tell together; one of a circle, or that could not be read, may have made anything. */
function together({ deps }: Stage, findings: ReadonlyMap<StageName, Finding>): Finding {
  let all: Finding = 'none';
  for (const dep of Object.values(deps)) {
    const finding: Finding = dep.type === 'out' ? (findings.get(dep.stage) ?? 'open') : 'none';
    if (finding === 'open') return finding;
    if (finding === 'none') continue;
    if (all !== 'none' && all.text !== finding.text) return 'open';
    all = finding;
  }
  return all;
}

function builtInName({ program }: Stage): string | undefined {
  if (program.type !== 'uses' || program.definition.user !== undefined) return undefined;
  return program.definition.name;
}
