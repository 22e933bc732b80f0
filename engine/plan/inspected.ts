import { canonical } from '../../base/canonical.ts';
import type { Fault } from '../../base/fault.ts';
import { aboveOf } from '../definition/above.ts';
import { inspectorOf } from '../definition/inspector.ts';
import { placed } from '../definition/placed.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { inputPath } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import type { Once } from '../stage.ts';

/** What the stages themselves find unfit in those of their inputs that lie on the disk. */
export async function inspected(
  project: Project,
  stages: readonly Stage[],
): Promise<ReadonlyMap<StageName, readonly Fault[]>> {
  const aboveIn = aboveOf(project.pipeline);
  const answers = new Map<string, Promise<readonly Fault[]>>();
  const found = new Map<StageName, readonly Fault[]>();
  for (const stage of stages) {
    const { params, deps, program } = stage;
    const inspector = await inspectorOf(stage, project.dist);
    if (inspector === undefined || program.type !== 'uses') continue;
    const inputs = Object.fromEntries(
      Object.entries(deps).flatMap(([name, dep]) =>
        dep.type === 'path' ? [[name, inputPath(project, dep.path)]] : [],
      ),
    );
    const once: Once = (question, look) => {
      const text = canonical([program.definition.name, question]);
      const answer = answers.get(text) ?? look();
      answers.set(text, answer);
      return answer;
    };
    const faults = await inspector.inspect({ params, inputs, above: aboveIn(stage), once });
    if (faults.length > 0) {
      found.set(
        stage.name,
        faults.map((fault) => placed(stage, fault)),
      );
    }
  }
  return found;
}
