import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Project } from '../e2e/project.ts';

test.each([
  [
    'nesterov with a momentum of 0',
    ['optimizer.name=sgd', 'optimizer.nesterov=true', 'optimizer.momentum=0,0.9'],
    '-S optimizer.nesterov=true `optimizer.nesterov` would do nothing',
    '  and -S optimizer.momentum=0\n',
  ],
  [
    'a warm-up beside one_cycle',
    ['schedule.name=one_cycle,constant', 'schedule.warmup_epochs=0,1'],
    '-S schedule.warmup_epochs=1 The schedule one_cycle has a warm-up of its own.',
    '  and -S schedule.name=one_cycle\n',
  ],
  [
    'class weights beside the Lovász loss alone',
    ['loss.dice=0', 'loss.lovasz=1', 'loss.ce=0,1', 'loss.class_weights=auto'],
    '-S loss.class_weights=auto `loss.class_weights` would do nothing',
    '  and -S loss.ce=0\n',
  ],
  [
    'no loss with a weight',
    ['loss.dice=0', 'loss.ce=0,1'],
    '-S loss.ce=0 All weights of `loss` are 0: there is nothing to minimise.',
    '  and -S loss.dice=0\n',
  ],
])(
  '%s in a sweep is refused before anything runs, at the values that make it so',
  async (_, sets, said, also) => {
    const made = Project.create();
    const { code, err } = await made.ers(['run', ...sets.flatMap((set) => ['-S', set])]);
    expect(code).toBe(2);
    expect(err).toContain(said);
    expect(err).toContain(also);
    expect(existsSync(made.path('.ers', 'experiments'))).toBe(false);
  },
);
