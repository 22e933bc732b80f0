import { Option, type Command } from 'commander';
import type { ExpRmOptions } from './exp-rm.ts';
import type { ExpShowOptions } from './exp-show.ts';
import type { Io } from './io.ts';
import type { Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';

type Shown = PipelineOptions & { readonly json?: true };

/** `ers exp …`: what `ers run -S` made, side by side. */
export function addExperimentCommands(
  program: Command,
  io: Io,
  where: Where,
  done: (work: Promise<number>) => Promise<void>,
): void {
  const group = program.command('exp').description('experiments: what ers run -S made, side by side');
  const command = (usage: string, does: string): Command =>
    group
      .command(usage)
      .description(does)
      .option('--config <file>', 'another config file')
      .option('--file <file>', 'another pipeline file')
      .option('--json', 'as JSON');
  command('show [experiment]', 'all experiments, best first, or one with everything')
    .option('--sort <metric>', 'what ranks them (default: the first metric of the last target)')
    .addOption(new Option('--best <end>', 'which end of it is the best').choices(['highest', 'lowest']))
    .addOption(new Option('--csv', 'as CSV').conflicts('json'))
    .action((name: string | undefined, options: ExpShowOptions) =>
      done(import('./exp-show.ts').then(({ expShowCommand }) => expShowCommand(name, options, io, where))),
    );
  command('diff <experiment> [other]', 'in what two differ, and why (other: the current result)').action(
    (first: string, second: string | undefined, options: Shown) =>
      done(
        import('./exp-diff.ts').then(({ expDiffCommand }) =>
          expDiffCommand(first, second, options, io, where),
        ),
      ),
  );
  command('apply <experiment>', 'write its values into the config').action((name: string, options: Shown) =>
    done(import('./exp-apply.ts').then(({ expApplyCommand }) => expApplyCommand(name, options, io, where))),
  );
  command('rm [experiment...]', 'forget experiments; their results stay until gc')
    .option('--all-failed', 'all that failed')
    .option('--all-stopped', 'all that were stopped')
    .option('--all', 'all')
    .action((names: readonly string[], options: ExpRmOptions) =>
      done(import('./exp-rm.ts').then(({ expRmCommand }) => expRmCommand(names, options, io, where))),
    );
}
