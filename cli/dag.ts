import type { Dep, Pipeline, Stage } from '../engine/definition/types.ts';
import { sourceOf } from '../engine/key/inputs.ts';
import { nameColumn } from '../ui/say.ts';
import { exitCodes } from './exit-codes.ts';
import { withFaults } from './faults.ts';
import { widthOf, wrapped } from './fit.ts';
import type { Io } from './io.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';

export interface DagOptions extends PipelineOptions {
  readonly mermaid?: true;
  readonly json?: true;
}

/** `ers dag`: the pipeline as text, as a Mermaid flowchart for Markdown, or as JSON. */
export function dagCommand(options: DagOptions, io: Io, where: Where): Promise<number> {
  return withFaults(io, async () => {
    const { pipeline } = await openHere(options, io, where);
    if (options.json === true) io.out(JSON.stringify(dagJson(pipeline), undefined, 2));
    else
      for (const line of options.mermaid === true ? mermaid(pipeline) : dagText(pipeline, widthOf(io)))
        io.out(line);
    return exitCodes.ok;
  });
}

/** Stages in topological order: what each reads, makes and does. A long command is cut; all else is wrapped. */
function dagText(pipeline: Pipeline, widest: number): readonly string[] {
  const width = nameColumn(
    pipeline.order.map((stage) => ({ stage })),
    0,
  );
  return stagesOf(pipeline).flatMap((stage) => {
    const reads = [...new Set(Object.entries(stage.deps).map(sayRead))].join(', ');
    const flow = `${reads === '' ? '' : `${reads} `}→ ${Object.keys(stage.outs).join(', ')}`;
    const columns = Math.max(20, widest - width - 2);
    const handling = sayHandling(stage).map((word) => `; ${word}`);
    const program =
      stage.program.type === 'uses'
        ? sayProgram(stage)
        : cutTo(sayProgram(stage), columns - handling.join('').length);
    const lines = [
      ...wrapped(flow, columns, '', ''),
      ...wrapped(program + handling.join(''), columns, '', ''),
    ];
    return lines.map((line, at) => `${(at === 0 ? stage.name : '').padEnd(width)}  ${line}`);
  });
}

/** As one line. */
function cutTo(command: string, columns: number): string {
  const line = command.trim().replace(/\s*\n\s*/g, '; ');
  return line.length <= columns ? line : `${line.slice(0, Math.max(1, columns - 1))}…`;
}

/** https://mermaid.js.org/syntax/flowchart.html; paths outside the pipeline are drawn as stores of data. */
function mermaid(pipeline: Pipeline): readonly string[] {
  const paths = new Map<string, string>();
  const edges = stagesOf(pipeline).flatMap((stage) =>
    Object.values(stage.deps).map((dep) => {
      if (dep.type === 'out') return `  ${nodeOf(dep.stage)} -->|${quoted(dep.out)}| ${nodeOf(stage.name)}`;
      const node = paths.get(sourceOf(dep)) ?? `path_${paths.size}`;
      paths.set(sourceOf(dep), node);
      return `  ${node} --> ${nodeOf(stage.name)}`;
    }),
  );
  return [
    'flowchart LR',
    ...[...paths].map(([path, node]) => `  ${node}[(${quoted(path)})]`),
    ...stagesOf(pipeline).map(
      (stage) => `  ${nodeOf(stage.name)}[${quoted([stage.name, ...sayHandling(stage)].join(', '))}]`,
    ),
    ...edges,
  ];
}

function dagJson(pipeline: Pipeline) {
  return {
    stages: stagesOf(pipeline).map((stage) => ({
      stage: stage.name,
      does: sayProgram(stage),
      deps: Object.fromEntries(Object.entries(stage.deps).map(([name, dep]) => [name, sourceOf(dep)])),
      outs: Object.fromEntries(Object.entries(stage.outs).map(([name, { path }]) => [name, path])),
      params: Object.keys(stage.params),
      ...(stage.member === undefined ? {} : { member: stage.member }),
      frozen: stage.frozen,
      always: stage.always,
    })),
    default: pipeline.default,
  };
}

function stagesOf(pipeline: Pipeline): readonly Stage[] {
  return pipeline.order.flatMap((name) => pipeline.stages.get(name) ?? []);
}

/** All members of a matrix that are read as one folder are one word: `train@*:model`. */
function sayRead([name, dep]: readonly [string, Dep]): string {
  return name.includes('/') ? sourceOf(dep).replace(/@[^:]*/, '@*') : sourceOf(dep);
}

function sayHandling({ frozen, always }: Stage): readonly string[] {
  return [...(frozen ? ['frozen'] : []), ...(always ? ['always'] : [])];
}

function sayProgram({ program }: Stage): string {
  if (program.type === 'uses') return program.definition.does;
  return typeof program.template === 'string' ? program.template : program.template.join(' ');
}

/** A name that Mermaid cannot read as a word of its own (`end`), different for different stages. */
function nodeOf(stage: string): string {
  const code = (character: string) => `_${character.charCodeAt(0).toString(16)}`;
  return `stage_${stage.replace(/[^A-Za-z0-9]/g, code)}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '#quot;')}"`;
}
