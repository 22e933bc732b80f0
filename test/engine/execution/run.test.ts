import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { EngineEvent } from '../../../engine/events.ts';
import { stepped, type Life, type Stepped } from '../../stepped/stage.ts';
import { names, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

/** words (upper case) → count (of letters): small, and each with a side that can change alone. */
function words(changes: Partial<Record<'upper' | 'count', Partial<Sketch>>> = {}): Record<string, Sketch> {
  return {
    upper: {
      cmd: 'tr a-z A-Z < {deps.text} > {outs.text}',
      deps: { text: 'words.txt' },
      outs: { text: 'upper.txt' },
      ...changes.upper,
    },
    count: {
      cmd: 'wc -c < {deps.text} > {outs.size}; echo {params.unit} >> {outs.size}',
      deps: { text: 'upper:text' },
      params: { unit: 'bytes' },
      outs: { size: 'size.txt' },
      ...changes.count,
    },
  };
}

test('a first run makes every stage and shows its outs as relative links', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil and water\n');
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.outcomes).toMatchObject({ upper: { type: 'made', same: false }, count: { type: 'made' } });
  expect(ran.code).toBe(0);
  expect(read(root, 'artifacts/upper/upper.txt')).toBe('SOIL AND WATER\n');
  expect(read(root, 'artifacts/count/size.txt').trim().split(/\s+/)).toEqual(['15', 'bytes']);
  expect(lstatSync(join(root, 'artifacts/upper/upper.txt')).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(root, 'artifacts/upper/upper.txt'))).toMatch(/^\.\.\/\.\.\/\.ers\/trees\//);
});

test('a second run makes nothing, and leaves no folder of a run or of an attempt', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.story).toEqual(['upper cached', 'count cached']);
  expect(readdirSync(join(root, '.ers/runs'))).toHaveLength(1);
  expect(readdirSync(join(root, '.ers/attempts'))).toEqual([]);
});

test('a changed param re-runs only the stage that reads it, and the reason names old and new', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  const ran = await runOnce(pipelineOf(root, words({ count: { params: { unit: 'characters' } } })));
  expect(ran.story).toEqual(['upper cached', 'count made']);
  expect(ran.events.find((event) => event.type === 'stage-started')).toMatchObject({
    stage: 'count',
    reasons: [{ type: 'param', key: 'unit', before: 'bytes', after: 'characters' }],
  });
});

test('a param put back restores the older result without running anything', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  await runOnce(pipelineOf(root, words({ count: { params: { unit: 'characters' } } })));
  expect(read(root, 'artifacts/count/size.txt')).toContain('characters');
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.outcomes['count']).toMatchObject({ type: 'cached', restored: true, because: [] });
  expect(read(root, 'artifacts/count/size.txt')).toContain('bytes');
});

test('a stage above that makes the same bytes from another input leaves its dependents cached', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  write(root, 'words.txt', 'SOIL\n');
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.outcomes).toMatchObject({
    upper: { type: 'made', same: true },
    count: { type: 'cached', because: ['upper'], restored: false },
  });
});

test('a forced stage runs anew; its dependents stay cached and say because of whom', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  const ran = await runOnce(pipelineOf(root, words()), { targets: names('upper'), force: true });
  expect(ran.outcomes).toMatchObject({
    upper: { type: 'made', same: true },
    count: { type: 'cached', because: ['upper'] },
  });
  const only = await runOnce(pipelineOf(root, words()), { targets: names('upper'), force: true, only: true });
  expect(only.story).toEqual(['upper made']);
});

test('pipeline.lock is written too when the default is made anew by --force', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  const pipeline = pipelineOf(root, words());
  await runOnce(pipeline);
  const text = read(root, 'pipeline.lock');
  rmSync(join(root, 'pipeline.lock'));
  await runOnce(pipeline, { targets: names('count'), force: true });
  expect(read(root, 'pipeline.lock')).toBe(text);
});

test('pipeline.lock says what made the artifacts, the same after a run that did nothing; a run of less does not write it', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()), { targets: names('upper') });
  expect(existsSync(join(root, 'pipeline.lock'))).toBe(false);
  await runOnce(pipelineOf(root, words()));
  const text = read(root, 'pipeline.lock');
  const lines = text.trim().split('\n').slice(1);
  expect(lines).toEqual(lines.toSorted());
  expect(lines).toContain('count param unit "bytes"');
  expect(lines.filter((line) => line.startsWith('upper out text '))).toHaveLength(1);
  expect(text).not.toContain(root);
  rmSync(join(root, 'pipeline.lock'));
  await runOnce(pipelineOf(root, words()));
  expect(read(root, 'pipeline.lock')).toBe(text);
});

test('a file of the user in the place of an artifact is left alone and told', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  write(root, 'artifacts/upper/upper.txt', 'mine\n');
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.code).toBe(0);
  expect(read(root, 'artifacts/upper/upper.txt')).toBe('mine\n');
  expect(ran.events.filter((event) => event.type === 'notice')).toEqual([
    {
      type: 'notice',
      level: 'warning',
      text: 'artifacts/upper/upper.txt is no link of ers, so it was left alone; move it away to see the artifact there',
    },
  ]);
});

test.each(['artifacts', 'artifacts/upper'])(
  'a file of the user at %s undoes no finished run',
  async (path) => {
    const root = tempFolder();
    write(root, 'words.txt', 'soil\n');
    write(root, path, 'mine\n');
    const ran = await runOnce(pipelineOf(root, words()));
    expect(ran.code).toBe(0);
    expect(read(root, path)).toBe('mine\n');
    expect(ran.events.flatMap((event) => (event.type === 'notice' ? event.text : []))).toEqual([
      `${path} is no link of ers, so it was left alone; move it away to see the artifact there`,
    ]);
    rmSync(join(root, path));
    expect((await runOnce(pipelineOf(root, words()))).code).toBe(0);
    expect(existsSync(join(root, 'artifacts/upper/upper.txt'))).toBe(true);
  },
);

test('an out whose path was a folder and is now one inside it changes no stored tree', async () => {
  const root = tempFolder();
  const make = (path: string): Record<string, Sketch> => ({
    make: { cmd: 'mkdir -p {outs.out}; echo x > {outs.out}/file', outs: { out: path } },
  });
  await runOnce(pipelineOf(root, make('a/')));
  const tree = realpathSync(join(root, 'artifacts/make/a'));
  const ran = await runOnce(pipelineOf(root, make('a/b/')));
  expect(ran.code).toBe(0);
  expect(readdirSync(tree)).toEqual(['file']);
  expect(read(root, 'artifacts/make/a/b/file')).toBe('x\n');
});

test('a dep may be a path inside a folder out; a change beside it re-runs nothing', async () => {
  const root = tempFolder();
  const sketches = (other: string): Record<string, Sketch> => ({
    make: {
      cmd: 'mkdir {outs.all}/sub; echo in > {outs.all}/sub/in; echo {params.other} > {outs.all}/other',
      params: { other },
      outs: { all: 'all/' },
    },
    file: { cmd: 'cp {deps.in} {outs.out}', deps: { in: 'make:all/sub/in' }, outs: { out: 'out' } },
    folder: { cmd: 'ls {deps.in} > {outs.out}', deps: { in: 'make:all/sub' }, outs: { out: 'out' } },
  });
  const targets = ['file', 'folder'];
  await runOnce(pipelineOf(root, sketches('1'), { targets }));
  expect(read(root, 'artifacts/file/out') + read(root, 'artifacts/folder/out')).toBe('in\nin\n');
  const ran = await runOnce(pipelineOf(root, sketches('2'), { targets }));
  expect(ran.outcomes).toMatchObject({
    make: { type: 'made', same: false },
    file: { type: 'cached', because: ['make'] },
    folder: { type: 'cached', because: ['make'] },
  });
});

test('a dep on a path that a folder out does not hold is a fault', async () => {
  const ran = await runOnce(
    pipelineOf(tempFolder(), {
      make: { cmd: 'echo x > {outs.all}/x', outs: { all: 'all/' } },
      file: { cmd: 'true', deps: { in: 'make:all/y' }, outs: { out: 'out' } },
    }),
  );
  expect(ran.code).toBe(1);
  expect(ran.outcomes['file']).toMatchObject({
    type: 'failed',
    faults: [{ code: 'ERS_INPUT_MISSING', message: 'The out make:all holds no y.' }],
  });
});

/** left and right → both; `left` reads in.txt, so that it may run without changing its bytes. */
function fork(both: string): Record<string, Sketch> {
  return {
    left: { cmd: 'tr a-z A-Z < {deps.in} > {outs.out}', deps: { in: 'in.txt' }, outs: { out: 'out' } },
    right: { cmd: 'echo right > {outs.out}', outs: { out: 'out' } },
    both: {
      cmd: 'cat {deps.left} {deps.right} > {outs.out}; echo {params.end} >> {outs.out}',
      deps: { left: 'left:out', right: 'right:out' },
      params: { end: both },
      outs: { out: 'out' },
    },
  };
}

test('collected bytes are made again only if a stage below turns out to need them', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'left\n');
  await runOnce(pipelineOf(root, fork('end')));
  rmSync(join(realpathSync(join(root, 'artifacts/right/out')), '..'), { recursive: true });
  write(root, 'in.txt', 'LEFT\n');
  const same = await runOnce(pipelineOf(root, fork('end')));
  expect(same.outcomes).toMatchObject({
    left: { type: 'made', same: true },
    right: { type: 'cached' },
    both: { type: 'cached', because: ['left'] },
  });
  write(root, 'in.txt', 'new\n');
  const changed = await runOnce(pipelineOf(root, fork('end')));
  expect(changed.outcomes).toMatchObject({
    left: { type: 'made', same: false },
    right: { type: 'made', same: true },
    both: { type: 'made' },
  });
  expect(read(root, 'artifacts/both/out')).toBe('NEW\nright\nend\n');
  expect(changed.events).toContainEqual(
    expect.objectContaining({
      type: 'stage-started',
      stage: 'right',
      reasons: [{ type: 'needed-by', stage: 'both' }],
    }),
  );
});

/** Two stages that the test steps, begun in a run of two jobs. */
async function beginTwo(resources: Readonly<Record<string, number>> = {}) {
  const [a, b] = [await stepped(), await stepped()];
  const sketch = (stage: Stepped): Sketch => ({
    cmd: stage.cmd({ out: '{outs.out}' }),
    outs: { out: 'out' },
    resources,
  });
  const pipeline = pipelineOf(tempFolder(), { a: sketch(a), b: sketch(b) }, { targets: ['a', 'b'] });
  const end = async (life: Life): Promise<void> => {
    await life.write('out', 'x');
    await life.finish();
  };
  return { a, b, end, running: runOnce(pipeline, { jobs: 2 }) };
}

test('independent stages run side by side, those with a GPU one at a time', async () => {
  const free = await beginTwo();
  for (const life of [await free.a.started(), await free.b.started()]) await free.end(life);
  expect((await free.running).code).toBe(0);
  const gpu = await beginTwo({ gpu: 1 });
  await gpu.end(await gpu.a.started());
  await gpu.end(await gpu.b.started());
  const { events } = await gpu.running;
  const turns = events.flatMap((event) =>
    event.type === 'stage-started' || event.type === 'stage-finished' ? [`${event.stage} ${event.type}`] : [],
  );
  expect(turns).toEqual(['a stage-started', 'a stage-finished', 'b stage-started', 'b stage-finished']);
});

test('two stages with the same key are made once', async () => {
  const root = tempFolder();
  const twin: Sketch = { cmd: 'echo x > {outs.out}', outs: { out: 'out' } };
  const ran = await runOnce(pipelineOf(root, { a: twin, b: twin }, { targets: ['a', 'b'] }), { jobs: 2 });
  expect(ran.events.filter((event) => event.type === 'stage-started')).toHaveLength(1);
  expect(ran.code).toBe(0);
});

test('no placeholder carries the random name of the attempt into an out', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  const shell: Sketch = {
    cmd: 'cksum {deps.text} > {outs.sum}; echo {outs.sum} >> {outs.sum}',
    deps: { text: 'words.txt' },
    outs: { sum: 'sum.txt' },
  };
  const list: Sketch = {
    ...shell,
    cmd: ['sh', '-c', 'cksum "$1" > "$2"', 'sh', '{deps.text}', '{outs.sum}'],
  };
  const pipeline = pipelineOf(root, { shell, list }, { targets: ['shell', 'list'] });
  await runOnce(pipeline);
  expect(read(root, 'artifacts/shell/sum.txt')).toMatch(/ \.\.\/deps\/text\n\.\.\/outs\/sum\.txt\n$/);
  const again = await runOnce(pipeline, { force: true, targets: names('shell', 'list') });
  expect(again.outcomes).toMatchObject({ shell: { same: true }, list: { same: true } });
});

test('a stage that is forced and makes other bytes than before does not say that they are the same', async () => {
  const root = tempFolder();
  const pipeline = pipelineOf(root, {
    life: {
      cmd: ['sh', '-c', `echo x >> '${root}/lives'; cat '${root}/lives' > "$1"`, 'sh', '{outs.out}'],
      outs: { out: 'out.txt' },
    },
    after: { cmd: 'cat {deps.in} > {outs.out}', deps: { in: 'life:out' }, outs: { out: 'out.txt' } },
  });
  await runOnce(pipeline);
  const again = await runOnce(pipeline, { force: true, targets: names('life') });
  expect(again.outcomes).toMatchObject({
    life: { type: 'made', same: false },
    after: { type: 'made', same: false },
  });
  expect(read(root, 'artifacts/after/out.txt')).toBe('x\nx\n');
});

test('a collected result that is current again leaves no link to another one', async () => {
  const root = tempFolder();
  const sketches: Record<string, Sketch> = {
    cut: {
      cmd: 'cat {deps.in} > {outs.all}; echo k > {outs.head}',
      deps: { in: 'in.txt' },
      outs: { all: 'all.txt', head: 'head.txt' },
    },
    take: { cmd: 'cat {deps.head} > {outs.out}', deps: { head: 'cut:head' }, outs: { out: 'out.txt' } },
  };
  write(root, 'in.txt', 'first\n');
  await runOnce(pipelineOf(root, sketches));
  const first = dirname(realpathSync(join(root, 'artifacts/cut/all.txt')));
  write(root, 'in.txt', 'second\n');
  await runOnce(pipelineOf(root, sketches));
  rmSync(first, { recursive: true });
  write(root, 'in.txt', 'first\n');
  const ran = await runOnce(pipelineOf(root, sketches));
  expect(ran.outcomes['cut']).toMatchObject({ type: 'cached', restored: true, collected: true });
  expect(readdirSync(join(root, 'artifacts/cut'))).toEqual(['head.txt']);
  expect(read(root, 'artifacts/cut/head.txt')).toBe('k\n');
  const key = (JSON.parse(read(root, '.ers/current/cut.json')) as { key: string }).key;
  expect(read(root, 'pipeline.lock')).toContain(`cut key ${key}\n`);
  expect((await runOnce(pipelineOf(root, sketches, { targets: ['cut'] }))).story).toEqual(['cut made']);
  expect(read(root, 'artifacts/cut/all.txt')).toBe('first\n');
});

/** A stage that makes a folder, and one that reads a file in it. */
const inside: Record<string, Sketch> = {
  make: { cmd: 'mkdir {outs.d}/x; echo 1 > {outs.d}/x/f', outs: { d: 'd/' } },
  take: { cmd: 'cat {deps.in} > {outs.out}', deps: { in: 'make:d/x/f' }, outs: { out: 'out.txt' } },
};

test.each([
  ['lost', (path: string) => rmSync(path)],
  ['damaged', (path: string) => writeFileSync(path, 'no manifest')],
])('a manifest that was %s is made again from its tree', async (_, harm) => {
  const root = tempFolder();
  await runOnce(pipelineOf(root, inside));
  const file = join(root, '.ers/manifests', basename(realpathSync(join(root, 'artifacts/make/d'))));
  const text = readFileSync(file, 'utf8');
  harm(file);
  expect((await runOnce(pipelineOf(root, inside))).story).toEqual(['make cached', 'take cached']);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('a stage that lost its bytes and its manifest is made anew', async () => {
  const root = tempFolder();
  await runOnce(pipelineOf(root, inside));
  const tree = basename(realpathSync(join(root, 'artifacts/make/d')));
  rmSync(join(root, '.ers/trees', tree), { recursive: true });
  rmSync(join(root, '.ers/manifests', tree));
  for (const name of readdirSync(join(root, '.ers'))) {
    if (name.startsWith('index-')) rmSync(join(root, '.ers', name));
  }
  const ran = await runOnce(pipelineOf(root, inside));
  expect(ran.story).toEqual(['make made', 'take cached']);
});

test('the links of artifacts lead to their trees also where project and store are reached through links', async () => {
  const root = tempFolder();
  for (const folder of ['far/away/project', 'store']) mkdirSync(join(root, folder), { recursive: true });
  symlinkSync('far/away/project', join(root, 'project'));
  symlinkSync('store', join(root, 'linked-store'));
  write(root, 'project/words.txt', 'soil\n');
  await runOnce(pipelineOf(join(root, 'project'), words(), { store: join(root, 'linked-store') }));
  expect(read(root, 'project/artifacts/upper/upper.txt')).toBe('SOIL\n');
  const again = await runOnce(
    pipelineOf(join(root, 'far/away/project'), words(), { store: join(root, 'store') }),
  );
  expect(again.story).toEqual(['upper cached', 'count cached']);
});

test('a folder in the place of pipeline.lock is told by its name, and nothing is left beside it', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  mkdirSync(join(root, 'pipeline.lock'));
  const ran = await runOnce(pipelineOf(root, words()));
  expect(ran.code).toBe(0);
  expect(ran.events).toContainEqual({
    type: 'notice',
    level: 'warning',
    text: expect.stringMatching(/^pipeline\.lock cannot be written: /) as string,
  });
  expect(readdirSync(root).toSorted()).toEqual(['.ers', 'artifacts', 'pipeline.lock', 'words.txt']);
});

/** Two stages that make the same: by their key, or only by their bytes. */
const twins = (second: string): Record<string, Sketch> => ({
  one: { cmd: 'cat {deps.in} > {outs.out}', deps: { in: 'in.txt' }, outs: { out: 'out.txt' } },
  two: { cmd: second, deps: { in: 'in.txt' }, outs: { out: 'out.txt' } },
});

test('of two stages with one key the first runs, and the second may', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  const pipeline = pipelineOf(root, twins('cat {deps.in} > {outs.out}'), { targets: ['one', 'two'] });
  const ran = await runOnce(pipeline);
  expect(statesOf(ran.events)).toEqual(['one run', 'two maybe']);
  expect(ran.story).toEqual(['one made', 'two cached']);
  write(root, 'in.txt', 'other\n');
  const again = await runOnce(pipeline);
  expect(again.story).toEqual(['one made', 'two cached']);
  expect(again.outcomes['two']).toMatchObject({ restored: false, just: { by: 'stage', stage: 'one' } });
});

test('a collected result whose bytes another stage brings back is not made again', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  const pipeline = pipelineOf(root, twins('tee {outs.out} < {deps.in}'), { targets: ['one', 'two'] });
  expect((await runOnce(pipeline)).story.toSorted()).toEqual(['one made', 'two made']);
  rmSync(dirname(realpathSync(join(root, 'artifacts/one/out.txt'))), { recursive: true });
  const ran = await runOnce(pipeline);
  expect(statesOf(ran.events)).toEqual(['one run', 'two maybe']);
  expect(ran.story).toEqual(['one made', 'two cached']);
});

test('a collected result whose bytes come back when the stage above is made again for it is not made too', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  const pipeline = pipelineOf(root, {
    upper: { cmd: 'tr a-z A-Z < {deps.in} > {outs.out}', deps: { in: 'in.txt' }, outs: { out: 'out.txt' } },
    twice: { cmd: 'cat {deps.in} {deps.in} > {outs.out}', deps: { in: 'upper:out' }, outs: { out: 'o.txt' } },
    copy: { cmd: 'cat {deps.in} > {outs.out}', deps: { in: 'twice:out' }, outs: { out: 'o.txt' } },
  });
  await runOnce(pipeline);
  rmSync(dirname(realpathSync(join(root, 'artifacts/copy/o.txt'))), { recursive: true });
  write(root, 'in.txt', 'IN\n');
  const ran = await runOnce(pipeline);
  expect(statesOf(ran.events)).toEqual(['upper run', 'twice maybe', 'copy maybe']);
  expect(ran.story).toEqual(['upper made', 'twice made', 'copy cached']);
  expect(read(root, 'artifacts/copy/o.txt')).toBe('IN\nIN\n');
});

test('collected bytes are not made again for a stage that finds its own result made by another', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  const upper = 'tr a-z A-Z < {deps.in} > {outs.out}';
  const sketches: Record<string, Sketch> = {
    far: { cmd: 'cat {deps.in} > {outs.out}', deps: { in: 'in.txt' }, outs: { out: 'far.txt' } },
    one: { cmd: upper, deps: { in: 'in.txt' }, outs: { out: 'out.txt' } },
    two: { cmd: upper, deps: { in: 'far:out' }, outs: { out: 'out.txt' } },
  };
  await runOnce(pipelineOf(root, sketches, { targets: ['far'] }));
  rmSync(dirname(realpathSync(join(root, 'artifacts/far/far.txt'))), { recursive: true });
  const ran = await runOnce(pipelineOf(root, sketches, { targets: ['one', 'two'] }));
  expect(statesOf(ran.events)).toEqual(['far recorded', 'one run', 'two maybe']);
  expect(ran.story).toEqual(['one made', 'two cached', 'far cached']);
  expect(read(root, 'artifacts/two/out.txt')).toBe('IN\n');
});

function statesOf(events: readonly EngineEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'run-started' ? event.stages.map(({ stage, state }) => `${stage} ${state}`) : [],
  );
}

test('a dozen stages side by side are no leak to Node, which would say so on stderr', async () => {
  const stage = await stepped();
  const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
  const sketches = Object.fromEntries(
    names.map((name): [string, Sketch] => [
      name,
      {
        cmd: stage.cmd({ out: '{outs.out}' }),
        params: { name },
        timeout: 3600,
        outs: { out: 'out' },
      },
    ]),
  );
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const running = runOnce(pipelineOf(tempFolder(), sketches, { targets: names }), { jobs: 12 });
  const lives = await Promise.all(names.map(() => stage.started()));
  for (const life of lives) {
    await life.write('out', 'x');
    await life.finish();
  }
  expect((await running).code).toBe(0);
  expect(warnings).toEqual([]);
});

test('a result that this project never used is not said to stand because of what was made above it', async () => {
  const root = tempFolder();
  write(root, 'words.txt', 'soil\n');
  await runOnce(pipelineOf(root, words()));
  rmSync(join(root, '.ers/current'), { recursive: true });
  const ran = await runOnce(pipelineOf(root, words()), { targets: names('upper'), force: true });
  expect(ran.outcomes).toMatchObject({ upper: { type: 'made' }, count: { type: 'cached', because: [] } });
});
