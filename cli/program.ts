import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Fault } from '../base/fault.ts';
import { exitCodes } from './exit-codes.ts';
import { addExperimentCommands } from './exp-program.ts';
import { printFaults } from './faults.ts';
import type { Io } from './io.ts';
import type { Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { AcceptOptions } from './accept.ts';
import type { DagOptions } from './dag.ts';
import { bytesOf, defaultCap, spanOf } from './amounts.ts';
import type { DoctorCommandOptions } from './doctor.ts';
import type { GcOptions } from './gc.ts';
import type { RunOptions } from './run-options.ts';
import type { SetupOptions } from './setup.ts';
import { ersVersion } from './version.ts';

type Shown = PipelineOptions & { readonly json?: true };

/** Parses the command line and does what it asks for; gives the exit code. */
export async function runProgram(argv: readonly string[], io: Io, where: Where): Promise<number> {
  let code: number = exitCodes.ok;
  const program = createProgram(ersVersion(), io, where, async (work) => {
    code = await work;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.ok;
    if (io.json) printFaults([usageFault(error)], io);
    return exitCodes.usage;
  }
  return code;
}

/**
 * All commands. `done` gets the exit code of the one that is asked for; the modules behind them are loaded only then.
 */
export function createProgram(
  version: string,
  io: Io,
  where: Where,
  done: (work: Promise<number>) => Promise<void>,
): Command {
  const program = new Command('ers')
    .description(
      'Reproduces a remote-sensing segmentation experiment; re-runs only what a change made stale.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .showHelpAfterError('(npx ers --help lists what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.replace(/\n$/, '')),
      // Faults as JSON are told below.
      writeErr: (text) => io.json || io.err(text.replace(/\n$/, '')),
    });

  pipelineCommand(
    program,
    'run [stage...]',
    'make the stages and what they need, if stale (default: evaluate)',
  )
    .option('--force', 'make the named stages anew (without names: the default ones)')
    .option('--only', 'stop after the named stages; let nothing below them follow')
    .option('--keep-going', 'after a failure go on with what does not depend on it')
    .option('--dry', 'print the plan and change nothing')
    .option('--strict-runtime', 'make anew what another exact native runtime or device made')
    .addOption(
      new Option(
        '--check-determinism <stage>',
        'make the stage, then once more, and name the first byte that differs',
      ).conflicts(['force', 'only', 'dry', 'set', 'name']),
    )
    .addOption(
      new Option('--trace <file>', 'write when what ran, for ui.perfetto.dev or chrome://tracing').conflicts(
        'dry',
      ),
    )
    .option('--name <name>', 'of the experiment that -S makes; of several, how their names begin')
    .option('--no-wait', 'make a stage also while another run makes the same')
    .addOption(
      new Option('--jobs <n>', 'stages side by side (default: as many as there are cores)').argParser(
        wholeNumber,
      ),
    )
    .addOption(new Option('--cores <n>', 'threads that one stage may use').argParser(wholeNumber))
    .addOption(new Option('--plain', 'plain lines, also in a terminal').conflicts('json'))
    .option('--json', 'one event a line')
    .action((stages: readonly string[], options: RunOptions) =>
      done(import('./run.ts').then(({ runCommand }) => runCommand(stages, options, io, where))),
    );
  pipelineCommand(program, 'status', 'state of each stage and why')
    .option('--json', 'as JSON')
    .action((options: Shown) =>
      done(import('./status.ts').then(({ statusCommand }) => statusCommand(options, io, where))),
    );
  pipelineCommand(program, 'why <stage>', 'everything that makes a stage stale, or why it is not')
    .option('--strict-runtime', 'as of a run with that option')
    .addOption(
      new Option('--cores <n>', 'threads that one stage may use (for --strict-runtime)').argParser(
        wholeNumber,
      ),
    )
    .option('--json', 'as JSON')
    .action((stage: string, options: Shown) =>
      done(import('./why.ts').then(({ whyCommand }) => whyCommand(stage, options, io, where))),
    );
  pipelineCommand(program, 'accept <stage>', 'keep the result of a stage although its code changed')
    .option('--also <name>', 'an input or a param whose change does not matter; may be repeated', collect)
    .option('--yes', 'without asking')
    .option('--json', 'as JSON')
    .action((stage: string, options: AcceptOptions) =>
      done(import('./accept.ts').then(({ acceptCommand }) => acceptCommand(stage, options, io, where))),
    );
  pipelineCommand(program, 'ls', 'cached artifacts')
    .option('--json', 'as JSON')
    .action((options: Shown) =>
      done(import('./ls.ts').then(({ lsCommand }) => lsCommand(options, io, where))),
    );
  pipelineCommand(
    program,
    'show <stage[@record]>',
    'what a result was made from, what it is, where it came from',
  )
    .option(
      '--provenance',
      'how it came to be: times, code, seed, versions, machine, and what it was made from',
    )
    .option('--json', 'as JSON')
    .action((stage: string, options: Shown & { readonly provenance?: true }) =>
      done(import('./show.ts').then(({ showCommand }) => showCommand(stage, options, io, where))),
    );
  pipelineCommand(
    program,
    'diff <first> [second]',
    'in what two results differ (default: from the first to what is current)',
  )
    .option('--json', 'as JSON')
    .action((first: string, second: string | undefined, options: Shown) =>
      done(import('./diff.ts').then(({ diffCommand }) => diffCommand(first, second, options, io, where))),
    );
  pipelineCommand(program, 'verify', 'read every stored artifact again; move damaged ones aside')
    .option('--json', 'as JSON')
    .action((options: Shown) =>
      done(import('./verify.ts').then(({ verifyCommand }) => verifyCommand(options, io, where))),
    );
  pipelineCommand(program, 'gc', 'remove results that nobody needs and that were not used lately')
    .option('--dry', 'say what would go and change nothing')
    .addOption(
      new Option('--max-size <size>', 'keep at most so much, besides what is in use')
        .default(defaultCap.maxBytes, '50G')
        .argParser(bytesOf),
    )
    .addOption(
      new Option('--older-than <time>', 'remove what was not used for so long')
        .default(defaultCap.maxAge, '30d')
        .argParser(spanOf),
    )
    .option('--json', 'as JSON')
    .action((options: GcOptions) =>
      done(import('./gc.ts').then(({ gcCommand }) => gcCommand(options, io, where))),
    );
  pipelineCommand(program, 'du [stage]', 'what lies in the store, by stage, or by result of one stage')
    .option('--json', 'as JSON')
    .action((stage: string | undefined, options: Shown) =>
      done(import('./du.ts').then(({ duCommand }) => duCommand(stage, options, io, where))),
    );
  for (const [command, does] of [
    ['pin', 'let gc keep a result'],
    ['unpin', 'let gc remove it again'],
  ] as const) {
    pipelineCommand(program, `${command} <stage[@record]>`, does)
      .option('--json', 'as JSON')
      .action((stage: string, options: Shown) =>
        done(import('./pin.ts').then(({ pinCommand }) => pinCommand(command, stage, options, io, where))),
      );
  }
  pipelineCommand(program, 'dag', 'the stages and what flows between them')
    .addOption(new Option('--mermaid', 'as a Mermaid flowchart').conflicts('json'))
    .option('--json', 'as JSON')
    .action((options: DagOptions) =>
      done(import('./dag.ts').then(({ dagCommand }) => dagCommand(options, io, where))),
    );
  addExperimentCommands(program, io, where, done);
  program
    .command('setup')
    .description('install, check or remove the native runtime')
    .addOption(new Option('--gpu', 'for NVIDIA GPUs').conflicts('cpu'))
    .option('--cpu', 'for processors only')
    .option('--wheel <file>', 'from a wheel or a folder of wheels instead of the package index')
    .option('--remove', 'remove what was installed')
    .option('--json', 'one event a line')
    .action((options: SetupOptions) =>
      done(import('./runtime-command.ts').then(({ setupCommand }) => setupCommand(options, io))),
    );
  program
    .command('doctor')
    .description('what this machine has for a run, and what to mend')
    .option('--deep', 'read every file of the runtime again')
    .option('--json', 'as JSON')
    .action((options: DoctorCommandOptions) =>
      done(import('./runtime-command.ts').then(({ doctorCommand }) => doctorCommand(options, io))),
    );
  return program;
}

/** What commander found: `error: unknown option '--jsn'`, and a guess on a line of its own. */
function usageFault({ message }: CommanderError): Fault {
  const [first = '', ...rest] = message.split('\n');
  const hint = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  return {
    code: 'ERS_USAGE',
    message: first.replace(/^error: /, ''),
    hint: hint === '' ? 'ers --help lists what there is.' : hint,
  };
}

/** A command that reads pipeline.yaml, with the options that all of these have. */
function pipelineCommand(program: Command, usage: string, does: string): Command {
  return program
    .command(usage)
    .description(does)
    .option(
      '-S, --set <key=value>',
      'another value for a key of the config; may be repeated. Of `run`: an experiment, of several values (key=1,2) one each',
      collect,
    )
    .option('--config <file>', 'another config file')
    .option('--file <file>', 'another pipeline file');
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}
