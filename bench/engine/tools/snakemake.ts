import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, lastStages, type Project } from '../project.ts';
import type { Tool } from '../tool.ts';

export function snakemake(program: string, version: string): Tool {
  return {
    name: 'Snakemake',
    version,
    write: (folder, project) => {
      writeFileSync(join(folder, 'Snakefile'), snakefile(project));
    },
    run: (_, jobs) => ({ argv: [program, '-c', String(jobs)] }),
    dry: () => ({
      argv: [program, '-c1', '-n'],
      saysRun: (output) => !/Nothing to be done/.test(output),
    }),
    seen: (_, path) => path,
    store: undefined,
  };
}

function snakefile(project: Project): string {
  const say = (path: string, outs: boolean): string => {
    const quoted = JSON.stringify(path.replace(/\/$/, ''));
    return outs && path.endsWith('/') ? `directory(${quoted})` : quoted;
  };
  const wanted = lastStages(project).flatMap(({ outs }) => Object.values(outs));
  const rules = project.stages.map((stage) =>
    [
      `rule ${stage.name}:`,
      `    input: ${Object.values(stage.ins)
        .map((path) => say(path, false))
        .join(', ')}`,
      `    output: ${Object.values(stage.outs)
        .map((path) => say(path, true))
        .join(', ')}`,
      `    shell: ${JSON.stringify(commandOf(stage, (_, path) => path).replace(/[{}]/g, '$&$&'))}`,
    ].join('\n'),
  );
  const all = `rule all:\n    input: ${wanted.map((path) => say(path, false)).join(', ')}`;
  return `${[all, ...rules].join('\n')}\n`;
}
