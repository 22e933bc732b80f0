import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, lastStages, type Project } from '../project.ts';
import type { Tool } from '../tool.ts';

export function make(version: string): Tool {
  return {
    name: 'GNU make',
    version,
    write: (folder, project) => {
      writeFileSync(join(folder, 'Makefile'), makefile(project));
    },
    run: (_, jobs) => ({ argv: ['make', `-j${jobs}`] }),
    dry: () => ({ argv: ['make', '-n'], saysRun: (output) => !/up to date|Nothing to be done/.test(output) }),
    seen: (_, path) => path,
    store: undefined,
  };
}

/** A folder is all files that are below it now: the usual way. */
function makefile(project: Project): string {
  const wanted = lastStages(project).flatMap(({ outs }) => Object.values(outs));
  const rules = project.stages.map((stage) => {
    const needs = Object.values(stage.ins).map((path) =>
      path.endsWith('/') ? `$(shell find ${path} -type f)` : path,
    );
    const command = commandOf(stage, (_, path) => path).replaceAll('$', '$$$$');
    return `${Object.values(stage.outs).join(' ')}: ${needs.join(' ')}\n\t${command}`;
  });
  return [`all: ${wanted.join(' ')}`, '.PHONY: all', ...rules, ''].join('\n');
}
