import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { installedRuntime, installLimit } from '../runtime/installed.ts';
import { runAsPlanned } from './as-planned.ts';
import { checkout, Project, reasonsOf, tempFolder } from './project.ts';

let made: Project;
beforeAll(async () => {
  await installedRuntime();
  made = Project.create();
  const first = await made.run();
  expect(first.code, first.err).toBe(0);
}, installLimit);

/** With a dataset of one's own the demo is not in the plan. */
const belowDemo = {
  scan: 'cached',
  split: 'cached',
  shards: 'cached',
  train: 'cached',
  evaluate: 'cached',
  package: 'cached',
};
const allCached = { synthesize: 'cached', ...belowDemo };

test('another schedule.T_max re-runs train and what reads its model only; putting it back restores the older results at once', async () => {
  const project = made.copy();
  const older = project.artifacts();
  project.set({ 'schedule.T_max': 5 });
  const changed = await runAsPlanned(project);
  expect(changed.story).toEqual({ ...allCached, train: 'made', evaluate: 'made', package: 'made' });
  expect(reasonsOf(changed)['train']).toEqual(['schedule.T_max 2 → 5']);
  expect(reasonsOf(changed)['evaluate']?.[0]).toMatch(/^train:model: .* changed/);
  expect(project.artifacts('artifacts/train')).not.toEqual(made.artifacts('artifacts/train'));

  project.set({ 'schedule.T_max': 2 });
  const back = await runAsPlanned(project);
  expect(back.code).toBe(0);
  expect(back.story).toEqual({ ...allCached, train: 'restored', evaluate: 'restored', package: 'restored' });
  expect(project.artifacts()).toEqual(older);
});

test('another seed of the split, given with -S, runs from split as an experiment and shows nothing else', async () => {
  const project = made.copy();
  const before = { config: project.read('config.yaml'), artifacts: project.artifacts() };
  const told = await runAsPlanned(project, '-S', 'split.seed=43');
  expect(told.story).toEqual({
    synthesize: 'cached',
    scan: 'cached',
    split: 'made',
    shards: 'made',
    train: 'made',
    evaluate: 'made',
    package: 'made',
  });
  expect(reasonsOf(told)['split']).toEqual(['split.seed 42 → 43']);
  const shown = await project.ers(['show', 'split@split.seed-43']);
  expect(shown.out).toMatch(/^ +split\.seed +43$/m);
  expect({ config: project.read('config.yaml'), artifacts: project.artifacts() }).toEqual(before);
});

test('another value of an augmentation re-runs from shards', async () => {
  const project = made.copy();
  project.set({ 'augment.horizontal_flip.p': 0.9 });
  const told = await runAsPlanned(project, 'shards');
  expect(told.story).toEqual({ synthesize: 'cached', scan: 'cached', split: 'cached', shards: 'made' });
  expect(reasonsOf(told)).toEqual({ shards: ['augment.horizontal_flip.p 0.5 → 0.9'] });
  const after = await project.status();
  expect(after['train']).toBe('run; shards:train: dataset.json changed, shard-00000.tar changed');
});

test('the name and the colour of a class are in reports and in the packaged model only: nothing is trained again', async () => {
  const project = made.copy();
  project.write('config.yaml', project.read('config.yaml').replace('name: forest', 'name: woodland'));
  const told = await runAsPlanned(project);
  expect(told.story).toEqual({ ...allCached, scan: 'made', evaluate: 'made', package: 'made' });
  expect(project.read('artifacts/evaluate/report.html')).toContain('woodland');
  expect(project.read('artifacts/package/model/model.json')).toContain('"name": "woodland"');
});

test('comments, layout and the order of keys in the YAML files re-run nothing', async () => {
  const project = made.copy();
  const [head = '', ...rest] = project.read('config.yaml').split(/\n(?=\w)/);
  project.write('config.yaml', [head, ...rest.reverse()].join('\n\n# a comment\n'));
  project.write(
    'pipeline.yaml',
    `# a comment\n${project.read('pipeline.yaml').replace('{ dataset: dataset/ }', '\n      dataset: dataset/')}`,
  );
  expect((await runAsPlanned(project)).story).toEqual(allCached);
});

test('a project that is copied, and then moved, is as it was', async () => {
  const copied = made.copy();
  expect((await runAsPlanned(copied)).story).toEqual(allCached);
  const folder = join(tempFolder(), 'a new place');
  renameSync(copied.folder, folder);
  const moved = new Project(folder);
  expect((await runAsPlanned(moved)).story).toEqual(allCached);
  expect(moved.artifacts()).toEqual(made.artifacts());
});

test('a dataset that is copied, and then moved, is the same dataset', async () => {
  const project = made.copy();
  cpSync(project.stored('synthesize', 'dataset'), project.path('tiles'), { recursive: true });
  project.set({ 'dataset.root': 'tiles' });
  expect((await runAsPlanned(project)).story).toEqual(belowDemo);
  const elsewhere = join(tempFolder(), 'imagery');
  renameSync(project.path('tiles'), elsewhere);
  project.set({ 'dataset.root': elsewhere });
  expect((await runAsPlanned(project)).story).toEqual(belowDemo);
});

test('one byte of an image that changed is seen, named, and made stale', async () => {
  const project = made.copy();
  cpSync(project.stored('synthesize', 'dataset'), project.path('tiles'), { recursive: true });
  project.set({ 'dataset.root': 'tiles' });
  expect((await project.run('scan')).story).toEqual({ scan: 'cached' });
  const image = project.path('tiles/images/oak_stead_7.png');
  cpSync(project.path('tiles/images/oak_stead_8.png'), image);
  const told = await runAsPlanned(project, 'shards');
  expect(told.story).toMatchObject({ scan: 'made', shards: 'made' });
  expect(reasonsOf(told)['scan']).toEqual(['tiles: images/oak_stead_7.png changed']);
});

test('a byte that flipped in a stored artifact is found, said, and the artifact is made again with equal bytes', async () => {
  const project = made.copy();
  const before = project.artifacts();
  const tar = join(project.stored('shards', 'train'), 'shard-00000.tar');
  flip(tar, 12_345);
  const found = await project.dry();
  expect(found['shards']).toBe('run; artifact train is damaged (shard-00000.tar)');
  const told = await runAsPlanned(project);
  expect(told.code).toBe(0);
  expect(told.story).toEqual({ ...allCached, shards: 'made' });
  const warning = told.events.find((event) => event.type === 'notice');
  expect(warning).toMatchObject({
    level: 'warning',
    text: expect.stringMatching(
      /^shards: artifact train was damaged \(shard-00000\.tar\); it was moved to /,
    ) as unknown,
  });
  expect(told.events).toContainEqual(
    expect.objectContaining({
      stage: 'train',
      outcome: expect.objectContaining({ because: ['shards'] }) as unknown,
    }),
  );
  expect(project.artifacts()).toEqual(before);
});

test('ers verify finds damage as well, and the next run mends it', async () => {
  const project = made.copy();
  const before = project.artifacts();
  flip(project.stored('evaluate', 'metrics.json'), 3);
  const verified = await project.ers(['verify']);
  expect(verified.code).toBe(1);
  expect(verified.out).toContain('damaged  evaluate:metrics');
  expect((await runAsPlanned(project)).story).toEqual({ ...allCached, evaluate: 'made' });
  expect(project.artifacts()).toEqual(before);
  expect((await project.ers(['verify'])).code).toBe(0);
});

test('an artifact that was deleted is made again when it is asked for or needed', async () => {
  const project = made.copy();
  const before = project.artifacts();
  rmSync(project.stored('evaluate', 'pictures'), { recursive: true });
  rmSync(project.stored('shards', 'test'), { recursive: true });
  const told = await runAsPlanned(project);
  expect(told.story).toEqual({ ...allCached, shards: 'made', evaluate: 'made' });
  expect(project.artifacts()).toEqual(before);
});

/** The sources in a folder of their own, so that they can be edited; it builds its own `dist/`. */
function copiedSources(): string {
  const folder = join(tempFolder(), 'sources');
  mkdirSync(folder);
  const rooms = [
    'base',
    'bin',
    'build',
    'cache',
    'cli',
    'engine',
    'formats',
    'imaging',
    'nn',
    'runtime',
    'stages',
    'ui',
  ];
  for (const path of [...rooms, 'package.json'])
    cpSync(join(checkout, path), join(folder, path), { recursive: true });
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** A statement that changes what the code is, though not what it computes. */
const statement = '\nprocess.emitWarning.length;\n';
const fromShards = (module: string) => ({
  synthesize: 'cached',
  scan: 'cached',
  split: 'cached',
  shards: `run; code of ${module} changed`,
  train: 'maybe; depends on what shards makes',
  evaluate: 'maybe; depends on what train makes; depends on what shards makes',
  package: 'maybe; depends on what train makes',
});

test('edited code of an augmentation re-runs from shards, also in its worker; UI code, comments and layout re-run nothing', async () => {
  const sources = copiedSources();
  const project = made.copy(sources);
  const edit = (path: string, change: (text: string) => string) => {
    writeFileSync(join(sources, path), change(readFileSync(join(sources, path), 'utf8')));
  };
  expect(await project.dry()).toEqual(allCached);

  for (const path of ['ui/plain-lines.ts', 'ui/ink/screen.tsx', 'cli/run.ts', 'engine/execution/run.ts']) {
    appendFileSync(join(sources, path), statement);
  }
  edit(
    'imaging/augment/flip.ts',
    (text) => `// A comment.\n${text.replaceAll('\n', '\n\n').replaceAll('(', '( ')}`,
  );
  edit('stages/train/run.ts', (text) => `/** A comment. */\n${text}`);
  expect(await project.dry()).toEqual(allCached);

  appendFileSync(join(sources, 'imaging/augment/flip.ts'), statement);
  expect(await project.dry()).toEqual(fromShards('imaging/augment/flip.ts'));
  const told = await runAsPlanned(project);
  expect(told.story).toEqual({ ...allCached, shards: 'made' });
  expect(project.artifacts()).toEqual(made.artifacts());

  appendFileSync(join(sources, 'stages/shards/augment-worker.ts'), statement);
  expect(await project.dry()).toEqual(fromShards('stages/shards/augment-worker.ts'));
});

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
}
