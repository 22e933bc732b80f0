import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tinyProject } from './project.ts';

const gapped = `stages:
  free:
    cmd: echo 1 > {outs.o}
    outs: { o: o.txt }
  scan:
    cmd: cat {deps.i} > {outs.o}
    deps: { i: none.txt }
    outs: { o: o.txt }
  below:
    cmd: cat {deps.i} > {outs.o}
    deps: { i: 'scan:o' }
    outs: { o: o.txt }
`;

function gappedProject() {
  const project = tinyProject();
  onTestFinished(project.remove);
  writeFileSync(join(project.folder, 'pipeline.yaml'), gapped);
  return project;
}

const lines = `free      run        never made before
scan      blocked    The input \`i\` is missing: there is nothing at none.txt.
below     maybe      depends on what scan makes, never made before
`;

test('an input that is missing blocks its own line; status and --dry still tell of all others', () => {
  const { ers } = gappedProject();
  const status = ers('status');
  expect(status).toMatchObject({ code: 2, out: lines });
  expect(status.err).toMatch(/^pipeline\.yaml:7:16 The input `i` is missing.*\n.*none\.txt }\n +\^\n/);
  const count = 'ers run --dry: 3 stages: 1 blocked, 1 to run, 1 that may follow; nothing was changed\n';
  expect(ers('run', '--dry')).toMatchObject({ code: 2, out: lines + count, err: status.err });
});

test('as JSON the plan stands beside its faults, each at its stage too', () => {
  const { code, out } = gappedProject().ers('status', '--json');
  const fault = { code: 'ERS_INPUT_MISSING', place: { line: 7 } };
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    type: 'faults',
    faults: [fault],
    stages: [{ stage: 'free', state: 'run' }, { stage: 'scan', faults: [fault] }, { stage: 'below' }],
  });
});

test('--dry refuses the name of an experiment that the run would refuse', () => {
  const { ers } = gappedProject();
  const [dry, real] = [ers('run', '--dry', '--name', 'a/b'), ers('run', '--name', 'a/b')];
  expect(dry).toEqual(real);
  expect(dry).toMatchObject({ code: 2, out: '' });
  expect(dry.err).toContain('`a/b` cannot be the name of an experiment.');
});
