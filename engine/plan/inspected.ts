import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Fault } from '../../base/fault.ts';
import { aboveOf } from '../definition/above.ts';
import { placed } from '../definition/placed.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { inputPath } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import type { Around } from '../stage.ts';

/** A stage's `inspect.ts`, built: see `Inspect`. */
interface Inspecting {
  readonly inspect: (what: {
    readonly params: Stage['params'];
    readonly inputs: Readonly<Record<string, string>>;
    readonly above: Around['above'];
  }) => Promise<readonly Fault[]>;
}

/** What the stages themselves find unfit in those of their inputs that lie on the disk. */
export async function inspected(
  project: Project,
  stages: readonly Stage[],
): Promise<ReadonlyMap<StageName, readonly Fault[]>> {
  const found = new Map<StageName, readonly Fault[]>();
  for (const stage of stages) {
    const { program, params, deps } = stage;
    if (program.type !== 'uses' || program.definition.inspects !== true) continue;
    const inputs = Object.fromEntries(
      Object.entries(deps).flatMap(([name, dep]) =>
        dep.type === 'path' ? [[name, inputPath(project, dep.path)]] : [],
      ),
    );
    const file = join(project.dist, `inspect-${program.definition.name}.mjs`);
    const { inspect } = (await import(pathToFileURL(file).href)) as Inspecting;
    const faults = await inspect({ params, inputs, above: aboveOf(project.pipeline.stages, stage) });
    if (faults.length > 0) {
      found.set(
        stage.name,
        faults.map((fault) => placed(stage, fault)),
      );
    }
  }
  return found;
}
