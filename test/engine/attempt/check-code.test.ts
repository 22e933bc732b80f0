import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { damagedCode } from '../../../engine/attempt/check-code.ts';
import type { BuiltStage } from '../../../engine/built-stage.ts';
import type { Stage } from '../../../engine/definition/types.ts';
import { open, pipelineOf } from '../pipelines.ts';
import { tempFolder } from '../../temp-folder.ts';

const code = 'export const run = () => undefined;\n';
const helper = 'export const help = 1;\n';

/** A built-in stage with a worker, as the build leaves it in `dist/stages`. */
function builtIn() {
  const root = tempFolder('ers-code-');
  mkdirSync(join(root, 'dist/stages'), { recursive: true });
  const project = { ...open(pipelineOf(root, {})), dist: join(root, 'dist', 'build') };
  const [bundle, worker] = [`stages/cut.${sha256(code)}.mjs`, `stages/cut-tile.${sha256(helper)}.mjs`];
  const put = (name: string, text: string): void => writeFileSync(join(root, 'dist', name), text);
  put(bundle, code);
  put(worker, helper);
  const definition = {
    bundle,
    workers: { tile: worker },
    code: { bundles: { run: sha256(code), tile: sha256(helper) }, modules: {}, packages: {} },
  } as unknown as BuiltStage;
  const stage = {
    name: 'cut',
    program: { type: 'uses', definition },
    place: { file: 'pipeline.yaml', line: 3, column: 3 },
  } as unknown as Stage;
  return { root, bundle, worker, put, faults: () => damagedCode(project, stage) };
}

test('bundles that are those of the key pass', () => {
  expect(builtIn().faults()).toEqual([]);
});

test('one byte more in a bundle, or a worker that is gone, is told with what to do, and nothing is removed', () => {
  const { root, bundle, worker, put, faults } = builtIn();
  put(bundle, `${code}\n`);
  rmSync(join(root, 'dist', worker));
  expect(
    faults()
      .map(({ code: fault, message }) => [fault, message])
      .toSorted(),
  ).toEqual(
    [
      ['ERS_CODE_DAMAGED', `${worker}, to which cut was built, is gone; nothing was run.`],
      ['ERS_CODE_DAMAGED', `${bundle} is not the code that cut was built to; nothing was run.`],
    ].toSorted(),
  );
  expect(faults()[0]?.hint).toContain(join(root, 'dist', 'current.json'));
  expect(readFileSync(join(root, 'dist', bundle), 'utf8')).toBe(`${code}\n`);
});
