import type { Dep, Pipeline, Stage } from '../engine/definition/types.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, type PipelineOptions, type Where } from './open.ts';

export interface DagOptions extends PipelineOptions {
  readonly mermaid?: true;
  readonly json?: true;
}

/** `ers dag`: the pipeline as text, as a Mermaid flowchart for Markdown, or as JSON. */
export function dagCommand(options: DagOptions, io: Io, where: Where): Promise<number> {
  return withFaults(io, async () => {
    const { pipeline } = await openHere(options, io, where);
    if (options.json === true) io.out(JSON.stringify(dagJson(pipeline), undefined, 2));
    else for (const line of options.mermaid === true ? mermaid(pipeline) : dagText(pipeline)) io.out(line);
    return exitCodes.ok;
  });
}

/** Stages in topological order: what each reads, makes and does. */
function dagText(pipeline: Pipeline): readonly string[] {
  const width = Math.max(...pipeline.order.map((name) => name.length));
  return stagesOf(pipeline).flatMap((stage) => {
    const reads = Object.values(stage.deps).map(sayDep).join(', ');
    const flow = `${reads === '' ? '' : `${reads} `}→ ${Object.keys(stage.outs).join(', ')}`;
    return [`${stage.name.padEnd(width)}  ${flow}`, `${' '.repeat(width)}  ${sayProgram(stage)}`];
  });
}

/** https://mermaid.js.org/syntax/flowchart.html; paths outside the pipeline are drawn as stores of data. */
function mermaid(pipeline: Pipeline): readonly string[] {
  const paths = new Map<string, string>();
  const edges = stagesOf(pipeline).flatMap((stage) =>
    Object.values(stage.deps).map((dep) => {
      if (dep.type === 'out') return `  ${nodeOf(dep.stage)} -->|${quoted(dep.out)}| ${nodeOf(stage.name)}`;
      const node = paths.get(dep.path) ?? `path_${paths.size}`;
      paths.set(dep.path, node);
      return `  ${node} --> ${nodeOf(stage.name)}`;
    }),
  );
  return [
    'flowchart LR',
    ...[...paths].map(([path, node]) => `  ${node}[(${quoted(path)})]`),
    ...pipeline.order.map((name) => `  ${nodeOf(name)}[${quoted(name)}]`),
    ...edges,
  ];
}

function dagJson(pipeline: Pipeline) {
  return {
    stages: stagesOf(pipeline).map((stage) => ({
      stage: stage.name,
      does: sayProgram(stage),
      deps: Object.fromEntries(Object.entries(stage.deps).map(([name, dep]) => [name, sayDep(dep)])),
      outs: Object.fromEntries(Object.entries(stage.outs).map(([name, { path }]) => [name, path])),
      params: Object.keys(stage.params),
    })),
    default: pipeline.default,
  };
}

function stagesOf(pipeline: Pipeline): readonly Stage[] {
  return pipeline.order.flatMap((name) => pipeline.stages.get(name) ?? []);
}

function sayDep(dep: Dep): string {
  return dep.type === 'path'
    ? dep.path
    : `${dep.stage}:${dep.out}${dep.sub === undefined ? '' : `/${dep.sub}`}`;
}

function sayProgram({ program }: Stage): string {
  if (program.type === 'uses') return program.definition.does;
  return typeof program.template === 'string' ? program.template : program.template.join(' ');
}

/** Stage names may hold `-` and words that Mermaid reads as its own, such as `end`. */
function nodeOf(stage: string): string {
  return `stage_${stage.replaceAll('-', '_')}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '#quot;')}"`;
}
