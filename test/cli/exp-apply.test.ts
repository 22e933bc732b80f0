import { expect, test } from 'vitest';
import { Project } from '../e2e/project.ts';

test('exp apply leaves the config as it is where ers would refuse what it became', async () => {
  const made = Project.create({ 'demo.places': 1, 'demo.size': 32 });
  const ran = await made.ers(['run', 'synthesize', '-S', 'schedule.name=one_cycle']);
  expect(ran.code, ran.err).toBe(0);
  const before = made.read('config.yaml');
  const { code, out, err } = await made.ers(['exp', 'apply', 'schedule.name-one_cycle']);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(
    '`schedule.T_max` would do nothing: only cosine_annealing reads it, and `schedule.name` is one_cycle. [ERS_SCHEMA]',
  );
  expect(err).toContain('`schedule.eta_min` would do nothing');
  expect(err).toContain(
    'config.yaml would be refused with the values of schedule.name-one_cycle; nothing was written. [ERS_USAGE]',
  );
  expect(err).toContain('Take the keys named above out of config.yaml by hand, then apply again.');
  expect(made.read('config.yaml')).toBe(before);
  expect((await made.ers(['exp', 'show'])).code).toBe(0);

  made.write('config.yaml', before.replace(/(schedule: \{ name: cosine_annealing), [^}]*\}/, '$1 }'));
  const again = await made.ers(['exp', 'apply', 'schedule.name-one_cycle']);
  expect(again.code, again.err).toBe(0);
  expect(made.read('config.yaml')).toContain('schedule: { name: one_cycle }');
});

test('exp apply names no line of a config that was not written where its lines are others', async () => {
  const group = 'optimizer:\n  name: adam\n  lr: 0.001\n';
  const made = Project.create({ 'demo.places': 1, 'demo.size': 32 });
  made.write(
    'config.yaml',
    made.read('config.yaml').replace('optimizer: { name: adam, lr: 0.001 }\n', group),
  );
  expect((await made.ers(['run', 'synthesize', '-S', 'optimizer.momentum=0.95'])).code).toBe(0);
  const before = made.read('config.yaml');
  expect(before).toContain(group);
  const { code, err } = await made.ers(['exp', 'apply', 'momentum-0.95']);
  expect(code).toBe(2);
  expect(err).toContain('config.yaml `optimizer.momentum` would do nothing');
  expect(err).toContain('write its other values by hand: npx ers exp show momentum-0.95');
  expect(made.read('config.yaml')).toBe(before);
});
