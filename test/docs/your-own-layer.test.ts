import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { prepareRandom } from '../../base/random.ts';
import type * as Definition from '../../stages/train/definition.ts';
import type * as Run from '../../stages/train/run.ts';
import { project } from '../build/tree.ts';
import { runtimeForTests } from '../nn/tensorflow.ts';
import { installLimit } from '../runtime/installed.ts';
import { stageContext } from '../stages/context.ts';
import { makeShards } from '../stages/train/shards.ts';

const page = readFileSync(join(project, 'docs', 'your-own-layer.md'), 'utf8');
/** A copy of the sources with the page applied; inside node_modules, so that packages are found. */
let root = '';
let runtime = '';

interface Block {
  readonly kind: string;
  readonly file: string;
  readonly text: string;
}

function blocks(): readonly Block[] {
  return [...page.matchAll(/^```(\w+) (\S+)\n(.*?)^```$/gms)].map(([, kind = '', file = '', text = '']) => ({
    kind,
    file,
    text,
  }));
}

/** The file with a block of a diff applied: its lines, one after another, must stand there exactly once. */
function patched(before: string, { file, text }: Block): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const side = (mark: string) =>
    lines.flatMap((line) => (line.startsWith(mark) || line.startsWith(' ') ? [`${line.slice(1)}\n`] : []));
  const parts = before.split(side('-').join(''));
  if (parts.length !== 2) throw new Error(`these lines do not stand once in ${file}:\n${text}`);
  return parts.join(side('+').join(''));
}

beforeAll(async () => {
  await prepareRandom();
  runtime = await runtimeForTests();
  const parent = join(project, 'node_modules', '.cache', 'ers-test');
  mkdirSync(parent, { recursive: true });
  root = mkdtempSync(join(parent, 'your-own-layer-'));
  for (const room of [
    'base',
    'cache',
    'engine',
    'formats',
    'imaging',
    'nn',
    'runtime',
    'stages',
    'test/nn',
  ]) {
    cpSync(join(project, room), join(root, room), { recursive: true });
  }
  for (const block of blocks()) {
    const path = join(root, block.file);
    if (block.kind === 'diff') writeFileSync(path, patched(readFileSync(path, 'utf8'), block));
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, block.text);
    }
  }
}, installLimit);
afterAll(() => rmSync(root, { recursive: true }));

test('the files of docs/your-own-layer.md are sound TypeScript under the settings of the project', () => {
  const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, project);
  // The stage's definition is left out: the types of its schema take seconds, and the test below runs it.
  const files = [...new Set(blocks().map(({ file }) => file))].filter((file) =>
    /^(nn|test)\/.*\.ts$/.test(file),
  );
  expect(files).toHaveLength(7);
  const program = ts.createProgram(
    files.map((file) => join(root, file)),
    { ...options, noEmit: true },
  );
  const said = program.getSourceFiles().flatMap((source) => {
    const file = source.fileName.slice(root.length + 1);
    if (!source.fileName.startsWith(root) || !files.includes(file)) return [];
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
  expect(said).toEqual([]);
});

test('the train stage learns with the op, the layer, the loss and the encoder of docs/your-own-layer.md', async () => {
  const outfile = join(root, 'train.mjs');
  await build({
    stdin: {
      contents: `export { definition } from './stages/train/definition.ts'; export { run } from './stages/train/run.ts';`,
      resolveDir: root,
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const { definition, run } = (await import(pathToFileURL(outfile).href)) as typeof Definition & typeof Run;
  const config = parse(blocks().find(({ file }) => file === 'config.yaml')?.text ?? '') as Record<
    string,
    unknown
  >;
  const settings = {
    ...config,
    optimizer: {},
    schedule: { T_max: 6 },
    train: { batch_size: 4, max_epochs: 6 },
  };
  const params = Value.Parse(definition.params, Value.Default(definition.params, settings));
  const set = { size: 32, classes: 3 };
  const train = await makeShards(root, { set: 'train', samples: 12, ...set });
  const val = await makeShards(root, { set: 'val', samples: 4, ...set });
  const trial = stageContext({ definition, params, deps: { train, val }, runtime });
  expect(await run(trial.context)).toEqual({ ok: true, value: { status: 'done' } });
  const losses = trial.events.flatMap((event) => (event.type === 'epoch' ? [event.trainLoss] : []));
  expect(losses).toHaveLength(6);
  expect(losses[5]).toBeLessThan(0.8 * (losses[0] ?? 0));
  const weights = readFileSync(join(trial.outs['model'] ?? '', 'model.safetensors')).toString('latin1');
  expect(weights).toContain('"encoder.level5.attention.excite.weight"');
  trial.remove();
});
