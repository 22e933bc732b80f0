import { expect, test } from 'vitest';
import { Project } from '../../e2e/project.ts';

const file = 'optimizer: { name: adam, lr: 0.001 }';
const withMomentum = 'optimizer: { name: adam, lr: 0.001, momentum: 0.95 }';

/** The demo whose file states a momentum with adam; `more` are further stages of its pipeline. */
function project(more = '', optimizer = withMomentum): Project {
  const made = Project.create();
  made.write('config.yaml', made.read('config.yaml').replace(file, optimizer));
  expect(made.read('config.yaml')).toContain(optimizer);
  made.write('pipeline.yaml', made.read('pipeline.yaml').replace('\ndefault:', `${more}\ndefault:`));
  return made;
}

function trainer(name: string, matrix: string): string {
  return `
  ${name}:
    uses: train
    deps: { train: 'shards:train', val: 'shards:val' }
    params: [model, loss, optimizer, schedule, train]
    outs: { model: model/, history: history.jsonl }${matrix}`;
}

const refusal = '`optimizer.momentum` would do nothing: only sgd reads it, and `optimizer.name` is adam.';

test.each([
  ['none other takes it', ''],
  ['another takes it and does not read it either', trainer('train_again', '')],
  [
    'a matrix gives the other one a momentum of its own',
    trainer('train_sgd', '\n    matrix: { optimizer.name: [sgd], optimizer.momentum: [0.8] }'),
  ],
])('a key of the file that a train stage does not read is refused where %s', async (_, more) => {
  const { code, err } = await project(more).ers(['run', '--dry']);
  expect(err.split(refusal)).toHaveLength(2);
  expect(code).toBe(2);
});

test.each([
  [
    'another train stage',
    trainer('train_sgd', '\n    matrix: { optimizer.name: [sgd], optimizer.lr: [0.01] }'),
  ],
  ['a member of a matrix', trainer('both', '\n    matrix: { optimizer.name: [adam, sgd] }')],
  [
    'a program',
    "\n  note:\n    cmd: [node, -e, '', '{outs.text}', '{params.optimizer.momentum}']\n    params: [optimizer]\n    outs: { text: note.txt }",
  ],
])('a key of the file that one train stage does not read is right where %s does', async (_, more) => {
  const { code, err } = await project(more).ers(['run', '--dry']);
  expect([code, err]).toEqual([0, '']);
});

test('a key that an option states is right, whichever of the settings of a sweep read it', async () => {
  const plain = project('', file);
  for (const sets of [
    ['optimizer.name=sgd,adam', 'optimizer.momentum=0.95'],
    ['optimizer.name=sgd,adam', 'optimizer.momentum=0.9,0.95'],
    ['optimizer.momentum=0.95'],
  ]) {
    const { code, err } = await plain.ers(['run', '--dry', ...sets.flatMap((set) => ['-S', set])]);
    expect([code, err], sets.join(' ')).toEqual([0, '']);
  }
});
