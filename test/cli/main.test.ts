import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, ers, tinyProject, type TinyProject } from './project.ts';

/** Durations, as `ui/units.ts` says them, differ from run to run. */
function withoutTimes(text: string): string {
  return text.replace(/\bin (\d+ h \d\d min|\d+ min \d\d s|\d+(\.\d)? s)/g, 'in T');
}

let project: TinyProject;
beforeAll(() => {
  project = tinyProject();
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  expect(project.ers('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  expect(project.ers('run', '--help').out).not.toContain('default: []');
});
afterAll(() => project.remove());

describe('the command line', () => {
  it('takes no property that every object has for a variable of the environment', () => {
    const folder = mkdtempSync(join(project.folder, 'names-'));
    const cmd = `[sh, -c, 'echo "\${toString-unset}" > "$0"', '{outs.out}']`;
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      `stages:\n  say: { cmd: ${cmd}, env: [toString], outs: { out: out.txt } }\n`,
    );
    expect(ers(folder, ['run']).code).toBe(0);
    expect(readFileSync(join(folder, 'artifacts/say/out.txt'), 'utf8')).toBe('unset\n');
    expect(ers(folder, ['status'], { toString: 'set' }).out).toContain('environment toString (unset) → set');
  });

  it('in a folder that was removed says so, as JSON too', () => {
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" status "$2"';
    const run = (option: string) =>
      spawnSync('sh', ['-c', script, process.execPath, bin, option], {
        cwd: project.folder,
        encoding: 'utf8',
      });
    const plain = run('--cores=1');
    expect([plain.status, plain.stderr]).toEqual([
      2,
      'The folder that you are in was removed. [ERS_USAGE]\n  Go to your project: cd …\n',
    ]);
    const json = run('--json');
    expect(json.status).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ type: 'faults', faults: [{ code: 'ERS_USAGE' }] });
  });

  it.each([
    [['rnu'], "unknown command 'rnu'", 'Did you mean run?'],
    [['run', '--dyr'], "unknown option '--dyr'", 'Did you mean --dry?'],
    [['why'], "missing required argument 'stage'", ''],
    [['status', 'train'], "too many arguments for 'status'", ''],
    [['setup', '--gpu', '--cpu'], "'--gpu' cannot be used with option '--cpu'", ''],
    [['run', '--jobs', '0'], 'Expected a whole number from 1.', ''],
    [['run', 'cuont'], 'There is no stage `cuont`. [ERS_UNKNOWN_STAGE]', 'Did you mean `count`?'],
    [['why', 'drow'], 'There is no stage `drow`. [ERS_UNKNOWN_STAGE]', 'Did you mean `draw`?'],
    [['show', 'drow'], 'There is no stage `drow`. [ERS_UNKNOWN_STAGE]', 'Did you mean `draw`?'],
    [['status', '--file', 'other.yaml'], 'There is no file other.yaml.', ''],
    [['status', '--config', 'other.yaml'], 'There is no other.yaml', ''],
  ])('refuses %j with exit code 2 and says what is wrong on stderr', (args, message, hint) => {
    const { code, out, err } = project.ers(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });

  it('says where it looked when there is no pipeline.yaml', () => {
    const { code, err } = ers(tmpdir(), ['status']);
    expect(code).toBe(2);
    expect(err).toBe(
      `There is no pipeline.yaml in ${tmpdir()} or in a folder above it. [ERS_USAGE]\n` +
        '  Go to your project, or name the file with --file.\n',
    );
  });

  it('prints help on stdout with exit code 0', () => {
    const { code, out, err } = project.ers('--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of ['run', 'status', 'why', 'ls', 'show', 'verify', 'dag', 'setup', 'doctor']) {
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });
});

describe('a project from first run to change', () => {
  it('plans, runs, re-runs nothing, and says why each time', () => {
    const { ers: run } = project;
    expect(run('run', '--dry').out).toBe(
      [
        'draw      run        never made before',
        'count     maybe      depends on what draw makes, never made before',
        'ers run --dry: 2 stages: 1 to run, 1 that may follow; nothing was changed',
        '',
      ].join('\n'),
    );
    const first = run('run');
    expect(first.err).toBe('');
    expect(withoutTimes(first.out)).toBe(
      [
        'ers run: 2 stages: 1 to run, 1 that may follow',
        'draw      run        never made before',
        'draw      made       in T',
        'count     run        never made before',
        'count     made       in T; letters 3',
        'count     score      letters 3',
        'ers       look at    artifacts/count/',
        'ers       done       in T: 2 stages, 2 made',
        '',
      ].join('\n'),
    );
    expect(run('status').out).toBe(
      [
        'draw      cached     same parameters, code and inputs',
        'count     cached     same parameters, code and inputs',
        '',
      ].join('\n'),
    );
    expect(withoutTimes(run('run').out)).toContain('ers       done       in T: 2 stages, 2 cached\n');
  });

  it('finds the pipeline from a folder below', () => {
    const below = join(project.folder, 'notes', 'deep');
    mkdirSync(below, { recursive: true });
    expect(ers(below, ['status']).out).toBe(project.ers('status').out);
  });

  it('agrees with itself about a changed parameter: dry, status, why, then the run', () => {
    const changed = ['-S', 'letter=b'];
    const line = 'draw      run        letter a → b\n';
    expect(project.ers('run', '--dry', ...changed).out).toContain(line);
    expect(project.ers('status', ...changed).out).toContain(line);
    expect(project.ers('why', 'draw', ...changed).out).toContain(line);
    expect(project.ers('run', ...changed).out).toContain(line);
    writeFileSync(join(project.folder, 'config.yaml'), 'letter: b\n');
    const back = 'draw      restored   an earlier result has the same parameters, code and inputs\n';
    expect(project.ers('run', '--dry').out).toContain(back);
    expect(project.ers('status').out).toContain(back);
    expect(project.ers('why', 'draw').out).toContain(back);
    expect(project.ers('run').out).toContain(back);
    expect(project.ers('status').out).not.toContain('restored');
  });

  it('puts a former parameter’s result back', () => {
    writeFileSync(join(project.folder, 'config.yaml'), 'letter: a\n');
    expect(project.ers('run').out).toContain(
      'draw      restored   an earlier result has the same parameters, code and inputs\n',
    );
  });

  it('forces a stage, and says of the one below that the same bytes came out', () => {
    const { out } = project.ers('run', 'draw', '--force');
    expect(out).toContain('draw      run        forced\n');
    expect(withoutTimes(out)).toContain('draw      made       in T, the same bytes as before\n');
    expect(out).toContain('count     cached     draw made the same bytes again');
  });

  it('says what it forces when no stage is named', () => {
    const { out } = project.ers('run', '--force');
    expect(out.split('\n')[0]).toBe('ers run --force without a stage makes the default anew: count');
    expect(out).toContain('count     run        forced\n');
    expect(out).toContain('draw      cached     same parameters, code and inputs\n');
  });

  it('prints each event as one line of JSON', () => {
    const lines = project.ers('run', '--json').out.trimEnd().split('\n');
    const types = lines.map((line) => (JSON.parse(line) as { readonly type: string }).type);
    expect(types).toEqual(['run-started', 'stage-finished', 'stage-finished', 'run-finished']);
  });

  it('lists artifacts and shows what one was made from', () => {
    const { out } = project.ers('ls');
    expect(out).toMatch(
      /^\* {2}draw@[0-9a-f]{8} +text +1 file +3 B +\d{4}-\d\d-\d\d \d\d:\d\d {2}[0-9a-f]{12}$/m,
    );
    const { artifacts } = JSON.parse(project.ers('ls', '--json').out) as {
      readonly artifacts: readonly {
        readonly stage: string;
        readonly out: string;
        readonly current: boolean;
      }[];
    };
    expect(artifacts.filter(({ stage, current }) => stage === 'draw' && current)).toHaveLength(1);
    const shown = project.ers('show', 'draw').out;
    expect(shown).toContain('parameters\n  letter  a\n');
    expect(shown).toMatch(/^ {2}text {2}1 file {2}3 B {2}/m);
    expect(project.ers('show', 'draw@zzz').code).toBe(2);
  });

  it('draws the pipeline as text and for Markdown', () => {
    expect(project.ers('dag').out).toMatch(/^count {2}draw:text → metrics$/m);
    expect(project.ers('dag', '--mermaid').out).toBe(
      [
        'flowchart LR',
        '  stage_draw["draw"]',
        '  stage_count["count"]',
        '  stage_draw -->|"text"| stage_count',
        '',
      ].join('\n'),
    );
  });

  it('outlives a reader that goes away', () => {
    const bin = join(import.meta.dirname, '../../bin/ers.js');
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `'${process.execPath}' '${bin}' run --json | head -n 1; echo "codes \${PIPESTATUS[*]}"`],
      { cwd: project.folder, encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('codes 0 0');
  });
});
