import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { changedPackages, installedPackages } from '../../../engine/attempt/check-packages.ts';
import type { BuiltStage } from '../../../engine/built-stage.ts';
import type { Stage } from '../../../engine/definition/types.ts';
import { nextStep } from '../../cache/helpers.ts';
import { open, pipelineOf } from '../pipelines.ts';
import { tempFolder } from '../../temp-folder.ts';

/** A built-in stage below `PREFIX/app/dist` whose key names two packages: one beside the app, one above it. */
function builtIn() {
  const root = tempFolder('ers-packages-');
  const project = { ...open(pipelineOf(root, {})), dist: join(root, 'app', 'dist', 'build') };
  const install = (folder: string, text: string): void => {
    const file = join(root, folder, 'package.json');
    mkdirSync(dirname(file), { recursive: true });
    // As an installer does: another file, not other content; it may get the number of the one that went.
    rmSync(file, { force: true });
    nextStep(root);
    writeFileSync(file, text);
  };
  install('app/node_modules/near', '{"version":"1.0.0"}');
  install('node_modules/@far/off', '{"version":"2.0.0"}');
  const definition = {
    bundle: 'stages/cut.mjs',
    workers: {},
    code: { bundles: {}, modules: {}, packages: { near: '1.0.0', '@far/off': '2.0.0' } },
  } as unknown as BuiltStage;
  const stage = { name: 'cut', program: { type: 'uses', definition } } as unknown as Stage;
  return { root, install, stage, look: () => installedPackages(project, stage) };
}

const messages = (faults: ReturnType<typeof changedPackages>) =>
  faults.map(({ code, message }) => `${code} ${message}`);

test('packages of the versions in the key pass, before and after', () => {
  const { stage, look } = builtIn();
  const before = look();
  expect(changedPackages(stage, before)).toEqual([]);
  expect(changedPackages(stage, before, look())).toEqual([]);
});

test('another version, one that a nearer folder brings, and a package that is gone are told before the start', () => {
  const { root, install, stage, look } = builtIn();
  install('app/node_modules/@far/off', '{"version":"2.0.1"}');
  rmSync(join(root, 'app/node_modules/near'), { recursive: true });
  expect(messages(changedPackages(stage, look()))).toEqual([
    'ERS_INPUT_CHANGED A package changed before cut started: the key of cut names @far/off 2.0.0, and 2.0.1 is installed. Nothing was run.',
    'ERS_INPUT_CHANGED A package changed before cut started: the key of cut names near 1.0.0, and none is installed. Nothing was run.',
  ]);
});

test('a package that was replaced there and back while the stage ran is told after it', () => {
  const { install, stage, look } = builtIn();
  const before = look();
  install('app/node_modules/near', '{"version":"1.0.1"}');
  const between = look();
  install('app/node_modules/near', '{"version":"1.0.0"}');
  expect(messages(changedPackages(stage, before, between))).toEqual([
    'ERS_INPUT_CHANGED A package changed while cut ran: the key of cut names near 1.0.0, and 1.0.1 is installed. Nothing was recorded.',
  ]);
  expect(messages(changedPackages(stage, before, look()))).toEqual([
    'ERS_INPUT_CHANGED A package changed while cut ran: near 1.0.0 was installed again. Nothing was recorded.',
  ]);
});

test('a package that an installer puts there anew with the very same file, as pnpm does, was installed again', () => {
  const { root, stage, look } = builtIn();
  const [folder, old] = [join(root, 'app/node_modules/near'), join(root, 'old')];
  const before = look();
  renameSync(folder, old);
  mkdirSync(folder);
  linkSync(join(old, 'package.json'), join(folder, 'package.json'));
  rmSync(old, { recursive: true });
  expect(messages(changedPackages(stage, before, look()))).toEqual([
    'ERS_INPUT_CHANGED A package changed while cut ran: near 1.0.0 was installed again. Nothing was recorded.',
  ]);
});

test('a package whose file is linked to elsewhere, or given other rights, while the stage runs is the same one', () => {
  const { root, stage, look } = builtIn();
  const before = look();
  nextStep(root);
  linkSync(join(root, 'app/node_modules/near/package.json'), join(root, 'backup.json'));
  chmodSync(join(root, 'node_modules/@far/off/package.json'), 0o600);
  expect(changedPackages(stage, before, look())).toEqual([]);
});
