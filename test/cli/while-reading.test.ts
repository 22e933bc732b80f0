import { mkdirSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { comesAbout } from '../comes-about.ts';
import { startErs, type RunningErs } from '../stepped/ers.ts';
import { tempFolder } from '../temp-folder.ts';
import { ers } from './project.ts';

/** No disk is that large: a file of holes that takes minutes to read. */
const hugeBytes = 2 ** 38;

/** A stage that reads a folder of two files, of which one is huge. */
function hugeInput(): string {
  const folder = tempFolder('ers-while-reading-');
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'small'), 'small');
  writeFileSync(join(folder, 'in', 'the-huge-one'), '');
  truncateSync(join(folder, 'in', 'the-huge-one'), hugeBytes);
  writePipeline(folder, {
    cmd: 'ls {deps.in} > {outs.list}',
    deps: '{ in: in }',
    outs: '{ list: list.txt }',
  });
  return folder;
}

function writePipeline(folder: string, stage: Readonly<Record<string, string>>): void {
  const lines = Object.entries(stage).map(([name, text]) => `    ${name}: ${text}\n`);
  writeFileSync(join(folder, 'pipeline.yaml'), `stages:\n  big:\n${lines.join('')}default: [big]\n`);
}

/** Resolves once the process has a file of such a path open. */
async function untilReads({ pid }: RunningErs, end: string): Promise<void> {
  const open = `/proc/${pid}/fd`;
  await comesAbout(() => readdirSync(open).some((file) => linkOf(join(open, file)).endsWith(end)));
}

/** Where the link leads; nowhere if it was closed in between. */
function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

describe.runIf(process.platform === 'linux')('a signal while content is read', () => {
  it.each(['run', 'status', 'why big', 'run --dry', 'accept big'])(
    'ends ers %s with exit code 130',
    async (command) => {
      const folder = hugeInput();
      const reading = startErs(folder, command.split(' '));
      await untilReads(reading, '/the-huge-one');
      reading.kill('SIGINT');
      expect(await reading.ended).toEqual({ code: 130, signal: null });
      expect(readdirSync(join(folder, '.ers', 'attempts'))).toEqual([]);
      expect(readdirSync(join(folder, '.ers'))).toContain('index');
      rmSync(join(folder, 'in', 'the-huge-one'));
      expect(ers(folder, ['run']).code).toBe(0);
    },
  );

  it('ends a run that reads a stage’s inputs again, after the stage or before the next one', async () => {
    const folder = tempFolder('ers-while-reading-');
    const input = join(folder, 'the-huge-one');
    const grow = `truncate -s ${hugeBytes} ${input} && echo 1 > {outs.o}`;
    const stage = (name: string, cmd: string, deps: string) =>
      `  ${name}: { cmd: '${cmd}', deps: { ${deps} }, outs: { o: o.txt } }\n`;
    const stages = [
      stage('after', grow, 'in: the-huge-one'),
      stage('above', grow, ''),
      stage('before', 'cat {deps.above} > {outs.o}', "above: 'above:o', in: the-huge-one"),
    ];
    writeFileSync(join(folder, 'pipeline.yaml'), `stages:\n${stages.join('')}default: [after, before]\n`);
    for (const [target, said] of [
      ['after', /^after +stopped /],
      ['before', /^before +skipped +the run was stopped$/],
    ] as const) {
      writeFileSync(input, 'small');
      const checking = startErs(folder, ['run', target]);
      await untilReads(checking, '/the-huge-one');
      checking.kill('SIGINT');
      expect(await checking.ended).toEqual({ code: 130, signal: null });
      expect(checking.lines).toContainEqual(expect.stringMatching(said));
      expect(readdirSync(join(folder, '.ers', 'attempts'))).toEqual([]);
    }
  });

  it('ends a run that stores an out: nothing of it is in the store, and the stage runs again', async () => {
    const folder = tempFolder('ers-while-reading-');
    writePipeline(folder, {
      cmd: `[sh, -c, 'echo 1 > "$ERS_CHECKPOINT/a"; truncate -s ${hugeBytes} "$1"', sh, '{outs.out}']`,
      outs: '{ out: the-huge-one }',
    });
    const storing = startErs(folder, ['run']);
    await untilReads(storing, '/the-huge-one');
    storing.kill('SIGTERM');
    expect(await storing.ended).toEqual({ code: 130, signal: null });
    expect(storing.lines.at(-1)).toMatch(/1 stage, 1 stopped\. The next ers run goes on from here$/);
    expect(['trees', 'records', 'incoming'].map((name) => readdirSync(join(folder, '.ers', name)))).toEqual([
      [],
      [],
      [],
    ]);
    expect(ers(folder, ['status']).out).toMatch(/^big +run +never made before/m);
  });
});
