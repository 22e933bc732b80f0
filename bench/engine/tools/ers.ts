import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, lastStages, makerOf, type Project } from '../project.ts';
import type { Tool } from '../tool.ts';

/** This checkout, started as DESIGN §7 says: `node bin/ers.js`. */
export function ers(root: string, version: string): Tool {
  const program = [process.execPath, join(root, 'bin', 'ers.js')];
  return {
    name: 'ers',
    version,
    write: (folder, project) => {
      writeFileSync(join(folder, 'pipeline.yaml'), pipeline(project));
    },
    run: (_, jobs) => ({ argv: [...program, 'run', '--jobs', String(jobs)] }),
    dry: () => ({
      argv: [...program, 'run', '--dry'],
      saysRun: (output) => !/: \d+ stages?: \d+ cached;/.test(output),
    }),
    seen: (project, path) => `artifacts/${makerOf(project, path)?.stage ?? ''}/${path}`,
    store: {
      folder: '.ers/trees',
      holds: (path) => path.endsWith('/big.bin'),
      // What `artifacts/` shows is the stored tree itself.
      forget: () => undefined,
    },
  };
}

/** YAML that is JSON. */
function pipeline(project: Project): string {
  const stages = project.stages.map((stage) => {
    const deps = Object.entries(stage.ins).map(([name, path]) => {
      const maker = makerOf(project, path);
      return [name, maker === undefined ? path : `${maker.stage}:${maker.out}`] as const;
    });
    const cmd = commandOf(stage, (name, _, side) => `{${side === 'ins' ? 'deps' : 'outs'}.${name}}`);
    return [stage.name, { cmd, deps: Object.fromEntries(deps), outs: stage.outs }] as const;
  });
  const text = { stages: Object.fromEntries(stages), default: lastStages(project).map(({ name }) => name) };
  return `${JSON.stringify(text, null, 2)}\n`;
}
