import { beforeAll, expect, test } from 'vitest';
import { installedRuntime, installLimit } from '../runtime/installed.ts';
import { Project } from './project.ts';

beforeAll(async () => {
  await installedRuntime();
}, installLimit);

test('two learning rates share all up to the shards; the better one is shown first, applied, and then cached', async () => {
  const project = Project.create({ 'train.max_epochs': 1, 'schedule.T_max': 1 });
  const told = await project.run('-S', 'optimizer.lr=1e-2,1e-3');
  expect(told.code, told.err).toBe(0);
  const labels = ['lr-0.01', 'lr-0.001'];
  const own = labels.flatMap((label) => [`train@${label}`, `evaluate@${label}`, `package@${label}`]);
  const stages = ['synthesize', 'scan', 'split', 'shards', ...own];
  expect(told.story).toEqual(Object.fromEntries(stages.map((stage) => [stage, 'made'])));
  expect(told.events[0]).toMatchObject({ type: 'run-started', experiments: labels });
  expect(project.artifacts()).toEqual({});

  const shown = JSON.parse((await project.ers(['exp', 'show', '--json'])).out) as {
    readonly metric: string;
    readonly experiments: readonly {
      readonly name: string;
      readonly metrics: Readonly<Record<string, number>>;
    }[];
  };
  expect(shown).toMatchObject({ metric: 'test_iou', best: 'highest', params: ['optimizer.lr'] });
  expect(shown.experiments.map(({ name }) => name).toSorted()).toEqual(labels.toSorted());
  const [best, other] = shown.experiments;
  expect(best?.metrics['test_iou'] ?? 0).toBeGreaterThanOrEqual(other?.metrics['test_iou'] ?? 1);

  const applied = await project.ers(['exp', 'apply', 'lr-0.01']);
  expect(applied.out).toContain('Next: npx ers run (7 stages: 7 cached)');
  expect(project.read('config.yaml')).toContain('lr: 0.01 }');
  const plain = await project.run();
  expect(plain.story).toEqual(
    Object.fromEntries(
      ['synthesize', 'scan', 'split', 'shards', 'train', 'evaluate', 'package'].map((stage) => [
        stage,
        'cached',
      ]),
    ),
  );
  expect(Object.keys(project.artifacts())).toContain('evaluate/metrics.json');
});
