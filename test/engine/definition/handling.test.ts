import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edit, Fixture, goodPipeline } from './fixture.ts';

const fixture = new Fixture();
beforeAll(() => fixture.build());
afterAll(() => fixture.remove());

/** The pipeline with words about the stage `plot`, which begin at line 19. */
function withWords(...lines: readonly string[]): string {
  return edit(
    goodPipeline,
    'outs: { plot: plot.png }\n',
    `outs: { plot: plot.png }\n${lines.map((line) => `    ${line}\n`).join('')}`,
  );
}

async function plotOf(...lines: readonly string[]) {
  const { pipeline, faults } = await fixture.load(withWords(...lines));
  expect(faults).toEqual([]);
  return [...(pipeline?.stages ?? [])].find(([name]) => name === 'plot')?.[1];
}

describe('how a stage is handled', () => {
  test('without a word it is tried once, may take any time, saves where it stands every ten minutes, runs when stale, and is kept as the cap of gc has it', async () => {
    expect(await plotOf()).toMatchObject({
      retries: 0,
      timeout: null,
      checkpoint: 600,
      frozen: false,
      always: false,
      keep: null,
      resources: {},
    });
  });

  test('each word is read', async () => {
    const stage = await plotOf(
      'retries: 3',
      'always: true',
      'keep: last',
      'resources: { gpu: 1, licence: 2, mem: 8G }',
    );
    expect(stage).toMatchObject({
      retries: 3,
      always: true,
      keep: 'last',
      resources: { gpu: 1, licence: 2, mem: 8e9 },
    });
  });

  test.each([
    ['90', 90],
    ['0.5', 0.5],
    ['90s', 90],
    ['30m', 1800],
    ['1.5 h', 5400],
    ['576h', 2_073_600],
  ])('timeout: %s is %d seconds', async (written, seconds) => {
    expect((await plotOf(`timeout: ${written}`))?.timeout).toBe(seconds);
  });

  test.each([
    ['0', 0],
    ['30s', 30],
    ['1h', 3600],
  ])('checkpoint: %s is %d seconds', async (written, seconds) => {
    expect((await plotOf(`checkpoint: ${written}`))?.checkpoint).toBe(seconds);
  });

  test.each([
    ['0', 0],
    ['1000000', 1e6],
    ['1.5 TB', 1.5e12],
    ['512Mi', 512 * 2 ** 20],
    ['512MiB', 512 * 2 ** 20],
    ['4k', 4000],
    ['4Ki', 4096],
  ])('mem: %s is %d bytes', async (written, bytes) => {
    expect((await plotOf(`resources: { mem: ${written} }`))?.resources).toEqual({ mem: bytes });
  });

  test('the pipeline may state how many slots there are', async () => {
    const { pipeline, faults } = await fixture.load(
      `${goodPipeline}slots: { gpu: 2, mem: 16GiB, licence: 1 }\n`,
    );
    expect(faults).toEqual([]);
    expect(pipeline?.slots).toEqual({ gpu: 2, mem: 16 * 2 ** 30, licence: 1 });
  });
});

describe('a fault of the handling is told with its place', () => {
  test.each<readonly [string, readonly string[], string]>([
    [
      'too many retries',
      ['retries: 11'],
      '19:14 `stages.plot.retries`: expected an integer from 0 to 10, got 11 (number).',
    ],
    [
      'half a retry',
      ['retries: 1.5'],
      '19:14 `stages.plot.retries`: expected an integer from 0 to 10, got 1.5 (number).',
    ],
    [
      'a span that is none',
      ['timeout: 3 days'],
      '19:14 `stages.plot.timeout`: expected a time such as 90s, 30m or 2h, got "3 days" (string).',
    ],
    [
      'a span of another type',
      ['timeout: [1]'],
      '19:14 `stages.plot.timeout`: expected a number or a time such as 90s, 30m or 2h, got a list of 1 item.',
    ],
    [
      'no time at all',
      ['timeout: 0s'],
      '19:14 `timeout`: expected a time above 0 and of at most 576h, got 0s. | Write it as 90s, 30m or 2h; without it a stage may take as long as it needs.',
    ],
    [
      'more time than a timer has',
      ['timeout: 577h'],
      '19:14 `timeout`: expected a time above 0 and of at most 576h, got 577h. | Write it as 90s, 30m or 2h; without it a stage may take as long as it needs.',
    ],
    [
      'a checkpoint before the last one',
      ['checkpoint: -1'],
      '19:17 `checkpoint`: expected a time from 0 to 576h, got -1. | Write it as 90s, 10m or 1h; it changes no result, only how much a kill can cost.',
    ],
    [
      'a word for a boolean',
      ['frozen: yes'],
      '19:13 `stages.plot.frozen`: expected true or false, got "yes" (string).',
    ],
    [
      'a misspelt keep',
      ['keep: lsat'],
      '19:11 `stages.plot.keep`: expected one of all, last, none, got "lsat" (string). | Did you mean `last`?',
    ],
    [
      'a stage that never and always runs',
      ['frozen: true', 'always: true'],
      '19:5 plot is `frozen`, which never runs, and `always`, which runs each time. (and pipeline.yaml:20:5) | Keep one of the two.',
    ],
    [
      'part of a slot',
      ['resources: { gpu: 0.5 }'],
      '19:23 `stages.plot.resources.gpu`: expected an integer of at least 0, got 0.5 (number).',
    ],
    [
      'a size for a count',
      ['resources: { gpu: 8G }'],
      '19:23 `stages.plot.resources.gpu`: expected an integer of at least 0, got "8G" (string).',
    ],
    [
      'a size that is none',
      ['resources: { mem: 8 apples }'],
      '19:23 `stages.plot.resources.mem`: expected a size such as 8G or 512M, got "8 apples" (string).',
    ],
    [
      'a size beyond counting',
      ['resources: { mem: 999999999T }'],
      '19:23 `mem`: 999999999T is more than can be counted. | Give less than 9000T.',
    ],
    [
      'more than there is',
      ['resources: { gpu: 3 }', '# room', 'slots: { gpu: 2 }'],
      '19:23 plot needs 3 of `gpu`, and `slots` states 2: it could never start. (and pipeline.yaml:1:15) | Ask for less, or state more.',
    ],
    [
      'a slot that is misspelt',
      ['resources: { licnece: 1 }', '# room', 'slots: { licence: 1 }'],
      '19:27 `slots` states no `licnece`. (and pipeline.yaml:1:19) | Did you mean `licence`?',
    ],
  ])('%s', async (_, lines, expected) => {
    const [words, slots] = [
      lines.filter((line) => !/^slots|^#/.test(line)),
      lines.find((line) => line.startsWith('slots')),
    ];
    const pipeline = withWords(...words);
    // `slots` goes into the place of the first line, so that no line moves.
    const whole =
      slots === undefined
        ? pipeline
        : edit(pipeline, 'config: config.yaml\n', `${slots}\n`).concat('config: config.yaml\n');
    expect(await fixture.faults(whole)).toEqual([`ERS_SCHEMA pipeline.yaml:${expected}`]);
  });
});
