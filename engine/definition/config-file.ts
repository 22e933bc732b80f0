import { dirname, isAbsolute, join } from 'node:path';
import { fail, ok, type Result } from '../../base/fault.ts';
import { follow } from './located.ts';
import { readYaml } from './read-yaml.ts';

/** The config that a pipeline is read with, as messages name it. Faults: pipeline.yaml cannot be read; it names no config. */
export function configFile({
  file,
  config,
}: {
  readonly file: string;
  readonly config?: string;
}): Result<string> {
  if (config !== undefined) return ok(config);
  const read = readYaml(file, file, {
    missing: `There is no ${file}.`,
    hint: 'Run npx ers in the folder that holds it.',
  });
  if (!read.ok) return read;
  const named = follow(read.value, ['config'])?.value;
  if (typeof named?.content === 'string') return ok(configBeside(file, named.content));
  return fail({
    code: 'ERS_USAGE',
    message: `${file} names no config.`,
    place: { file },
    hint: 'Write `config: config.yaml` into it, or name one with --config.',
  });
}

/** The config that the pipeline in `file` names, as it is opened and as messages name it: a relative path starts beside that file. */
export function configBeside(file: string, named: string): string {
  return isAbsolute(named) ? named : join(dirname(file), named);
}
