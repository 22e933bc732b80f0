import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tinyProject } from './project.ts';

const pipeline = `config: config.yaml
stages:
  fit:
    cmd: echo {params.lr} > {outs.o}
    matrix: { lr: [1, 2] }
    params: [lr]
    outs: { o: o.txt }
`;

const members = ['fit@lr-1', 'fit@lr-2'];

test('every command that takes a stage takes a matrix by its name, and means all its members', () => {
  const project = tinyProject();
  onTestFinished(project.remove);
  writeFileSync(join(project.folder, 'pipeline.yaml'), pipeline);
  writeFileSync(join(project.folder, 'config.yaml'), 'lr: 0\n');
  const { ers } = project;
  expect(ers('run', 'fit').code).toBe(0);
  const commands = [
    ['run'],
    ['why'],
    ['show'],
    ['du'],
    ['pin'],
    ['unpin'],
    ['accept'],
    ['show', '--provenance'],
  ];
  for (const [command = '', ...options] of commands) {
    for (const name of ['fit', 'fit@*']) {
      const { code, out, err } = ers(command, name, ...options);
      expect([command, name, code, err]).toEqual([command, name, 0, '']);
      for (const member of members) expect(out, command).toMatch(new RegExp(`^${member}\\b`, 'm'));
    }
  }
  for (const command of ['why', 'show', 'pin', 'unpin']) {
    const told = JSON.parse(ers(command, 'fit', '--json').out) as { stages: readonly unknown[] };
    expect(told.stages, command).toHaveLength(2);
  }
  expect(JSON.parse(ers('du', 'fit', '--json').out)).toMatchObject({
    stages: [{ stage: members[0] }, { stage: members[1] }],
  });
  // Two results are compared, not two matrices.
  expect(ers('diff', 'fit').err).toBe(
    'fit has several members. [ERS_USAGE]\n  Name one: fit@lr-1, fit@lr-2.\n',
  );
  expect(ers('du', 'fti').err).toContain('Did you mean `fit`?');
});
