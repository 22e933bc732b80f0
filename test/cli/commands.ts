import type { Command } from 'commander';
import { createProgram } from '../../cli/program.ts';
import { noPaint } from '../../ui/roles.ts';

export const io = {
  ...{
    cwd: '/',
    env: {},
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
    paint: noPaint,
    interactive: false,
    json: true,
  },
  ...{ write: () => undefined, writeError: () => undefined, out: () => undefined, err: () => undefined },
};

/** Every command that does something, by its full name: `run`, and of groups `exp show`. */
export const commands = commandsBelow(
  createProgram('0.0.0', io, { dist: '/', build: '' }, () => Promise.resolve()),
);

function commandsBelow(command: Command, before: readonly string[] = []): ReadonlyMap<string, Command> {
  const inner = command.commands.filter((each) => each.name() !== 'help');
  if (inner.length === 0) return new Map([[before.join(' '), command]]);
  return new Map(inner.flatMap((each) => [...commandsBelow(each, [...before, each.name()])]));
}
