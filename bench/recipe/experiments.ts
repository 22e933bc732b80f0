import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { BenchOptions, ExperimentName } from './options.ts';

const configs: Readonly<Record<ExperimentName, string>> = {
  demo: 'config.yaml',
  monterey: 'configs/monterey.yaml',
};

/** Makes the experiment's project in `folder`; returns why it cannot be made, if so. */
export function makeProject(
  root: string,
  folder: string,
  name: ExperimentName,
  { seeds, epochs, precision, tiles }: Pick<BenchOptions, 'seeds' | 'epochs' | 'precision' | 'tiles'>,
): string | undefined {
  mkdirSync(folder);
  copyFileSync(join(root, 'pipeline.yaml'), join(folder, 'pipeline.yaml'));
  if (name === 'monterey') {
    for (const part of ['images', 'annotations']) {
      const from = join(tiles, part);
      if (!existsSync(from)) return `there is no ${from}`;
      cpSync(from, join(folder, 'data', 'monterey', part), { recursive: true });
    }
  }
  const text = readFileSync(join(root, configs[name]), 'utf8');
  for (const seed of seeds) {
    const config = parseDocument(text);
    config.setIn(['train', 'seed'], seed);
    config.setIn(['train', 'precision'], precision);
    if (epochs !== null) {
      config.setIn(['train', 'max_epochs'], epochs);
      config.setIn(['schedule', 'T_max'], epochs);
    }
    writeFileSync(join(folder, configFor(seed)), config.toString());
  }
  return undefined;
}

/** The config of one training, in the project's folder. */
export function configFor(seed: number): string {
  return `seed-${seed}.yaml`;
}
