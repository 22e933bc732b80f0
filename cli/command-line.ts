import { shellLine } from '../base/shell-line.ts';
import type { PipelineOptions } from './pipeline-options.ts';

/**
 * `npx ers WORDS` as the user would type it where this command was typed, to ask about the same pipeline: with those of the
 * options given here that change what is planned and that the other command has too.
 */
export function commandLine(words: readonly string[], options: PipelineOptions): string {
  return shellLine(['npx', 'ers', ...words, ...optionsOf(words[0], options)]);
}

/** The command that tells all about a stage of the plan that these options make. */
export function whyLine(options: PipelineOptions): (stage: string) => string {
  return (stage) => commandLine(['why', stage], options);
}

function optionsOf(command: string | undefined, options: PipelineOptions): readonly string[] {
  const { set = [], config, file, strictRuntime, cores } = options;
  // An experiment has values of its own.
  const values = command === 'exp' ? [] : set.flatMap((value) => ['-S', value]);
  const isStrict = strictRuntime === true && (command === 'run' || command === 'why');
  return [
    ...values,
    ...(config === undefined ? [] : ['--config', config]),
    ...(file === undefined ? [] : ['--file', file]),
    // Only a strict plan looks at the threads.
    ...(isStrict ? ['--strict-runtime', ...(cores === undefined ? [] : ['--cores', String(cores)])] : []),
  ];
}
