import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edit, Fixture, goodConfig, goodPipeline } from './fixture.ts';

const fixture = new Fixture();
beforeAll(() => fixture.build());
afterAll(() => fixture.remove());

/** What is told of one stage with these lines. */
async function told(...lines: readonly string[]): Promise<readonly string[]> {
  const faults = await fixture.faults(`stages:\n  prep:\n${lines.map((line) => `    ${line}\n`).join('')}`);
  return faults.map((fault) => fault.replace(/^ERS_\w+ pipeline\.yaml:/, ''));
}

describe('what is right in another tool is told with what does the same here', () => {
  test('lists of deps and outs, with names made of their own paths', async () => {
    expect(await told('cmd: python prep.py', 'deps: [prep.py, data/raw/]', 'outs: [data/prepared]')).toEqual([
      '4:11 `stages.prep.deps`: expected names with inputs, got a list of 2 items. | Give each a name: `deps: { prep: prep.py, raw: data/raw/ }`.',
      '5:11 `stages.prep.outs`: expected names with paths, got a list of 1 item. | Give each a name: `outs: { prepared: data/prepared }`. A folder ends in /.',
    ]);
  });

  test('names that are taken, have no letters or are settings of DVC; a long list is cut', async () => {
    const items = ['a/x.csv', 'b/x.csv', '9.csv', 'model: { cache: false }', 'rest'];
    const [fault] = await told('cmd: x', 'outs:', ...items.map((item) => `- ${item}`));
    expect(fault).toContain('`outs: { x: a/x.csv, x2: b/x.csv, item: 9.csv, model: model, … }`');
  });

  test.each([
    ['wdir: src', 'A command starts in an empty folder; deps are paths from the folder of pipeline.yaml.'],
    ['foreach: [a, b]', '`matrix: { KEY: [a, b] }` makes a stage for each value of a key of the config.'],
    ['plots: [a.json]', 'List it in `outs`; a stage that draws is one like any other.'],
    ['input: a.txt', 'Inputs stand in `deps`, by name: `deps: { images: data/images }`.'],
    ['shell: cat', 'A program stands in `cmd`.'],
    // Not one of these: a slip of the pen is looked for.
    ['parms: [a]', 'Did you mean `params`?'],
  ])('%s', async (line, hint) => {
    const key = line.replace(/:.*/, '');
    expect(await told('cmd: x', line)).toEqual([`4:5 Unknown key \`${key}\` in \`stages.prep\`. | ${hint}`]);
  });

  test('a Snakefile', async () => {
    const faults = await fixture.faults('rule all:\n  input: "a"\n');
    expect(faults).toEqual([
      "ERS_SCHEMA pipeline.yaml:1:1 Expected a key `stages`, one stage or more, by name. | A stage is: hello: { cmd: 'echo hi > {outs.text}', outs: { text: hi.txt } }",
      'ERS_UNKNOWN_KEY pipeline.yaml:1:1 Unknown key `rule all`. | A rule is a stage: `stages: { all: … }`.',
    ]);
  });
});

test.each([
  ['stages: {}', 'an empty mapping'],
  ['stages:', 'nothing (null)'],
  ['stages: [a]', 'a list of 1 item'],
])('`%s` is told with a stage as it could be, which is right', async (text, got) => {
  const [fault, ...others] = await fixture.faults(`${text}\n`);
  expect(others).toEqual([]);
  expect(fault).toContain(`\`stages\`: expected one stage or more, by name, got ${got}. | A stage is: `);
  const stage = fault?.split('A stage is: ')[1] ?? '';
  expect(await fixture.faults(`stages:\n  ${stage}\n`)).toEqual([]);
});

test.each([
  ['', 'nothing (null)'],
  ['# later\n', 'nothing (null)'],
  ['hello', '"hello" (string)'],
])('a pipeline.yaml that holds %j is told how one begins', async (text, got) => {
  const [fault, ...others] = await fixture.faults(text);
  expect(others).toEqual([]);
  expect(fault).toContain(
    ` expected a mapping, got ${got}. | It begins with \`stages:\`. A stage is: hello:`,
  );
});

test('a slip in a param is one fault: not told again by the placeholder and by the key that it meant', async () => {
  const pipeline = edit(goodPipeline, 'params: [plot]', 'params: [plto]');
  expect(await fixture.faults(pipeline)).toEqual([
    'ERS_UNKNOWN_PARAM pipeline.yaml:17:14 The config has no key `plto`. (and config.yaml:18:1) | Did you mean `plot`?',
  ]);
});

test('a param that a command names and the stage does not list is one fault that says how', async () => {
  const pipeline = edit(goodPipeline, '    params: [plot]\n', '');
  const faults = await fixture.faults(pipeline, goodConfig);
  expect(faults).toEqual([
    "ERS_UNKNOWN_PARAM pipeline.yaml:15:62 {params.plot}: the stage's params have no `plot`. | List it: `params: [plot]`.",
  ]);
});

test('a placeholder without quotes between braces is told to need them', async () => {
  const [fault] = await fixture.faults('stages:\n  a: { cmd: echo > {outs.o}, outs: { o: o } }\n');
  expect(fault).toMatch(/\| Text that contains \{ or \[ needs quotes here\.$/);
});
