import { expect, test } from 'vitest';
import { showFault } from '../../../engine/definition/show-fault.ts';

const text = 'stages:\n\tscan:\n  train: { deps: { data: "scna:catalog" } }\n';
const read = (file: string) => (file === 'pipeline.yaml' ? text : undefined);

test('a fault shows its line with a caret, the second place, and the hint', () => {
  const fault = {
    code: 'ERS_UNKNOWN_STAGE',
    message: 'There is no stage `scna`.',
    place: { file: 'pipeline.yaml', line: 3, column: 26 },
    also: { file: 'pipeline.yaml', line: 1, column: 1 },
    hint: 'Did you mean `scan`?',
  } as const;
  expect(showFault(fault, read)).toBe(
    [
      'pipeline.yaml:3:26 There is no stage `scna`. [ERS_UNKNOWN_STAGE]',
      '      train: { deps: { data: "scna:catalog" } }',
      '                             ^',
      '  and pipeline.yaml:1:1',
      '    stages:',
      '    ^',
      '  Did you mean `scan`?',
    ].join('\n'),
  );
});

test('tabs before the caret stay tabs, so that it stands under its character', () => {
  const fault = {
    code: 'ERS_YAML',
    message: 'Tabs.',
    place: { file: 'pipeline.yaml', line: 2, column: 2 },
  } as const;
  expect(showFault(fault, read)).toBe('pipeline.yaml:2:2 Tabs. [ERS_YAML]\n    \tscan:\n    \t^');
});

test('a fault without a place, or in a file that cannot be shown, is one line', () => {
  expect(showFault({ code: 'ERS_USAGE', message: 'No.' }, read)).toBe('No. [ERS_USAGE]');
  expect(showFault({ code: 'ERS_USAGE', message: 'No.', place: { file: 'x', line: 4 } }, read)).toBe(
    'x:4 No. [ERS_USAGE]',
  );
});

test('a long line is cut around the caret and control characters do not reach the terminal', () => {
  const long = `${'a'.repeat(500)}\u001b[31mB${'c'.repeat(500)}`;
  const shown = showFault(
    { code: 'ERS_YAML', message: 'X.', place: { file: 'f', line: 1, column: 506 } },
    () => long,
  );
  const [, line = '', caret = ''] = shown.split('\n');
  expect(line.length).toBeLessThanOrEqual(104);
  expect(line[caret.indexOf('^')]).toBe('B');
  expect(shown).not.toContain('\u001b');
});

test('a path that begins the message is not told twice', () => {
  const fault = {
    code: 'ERS_INPUT_KIND',
    message: 'data/pipe is a FIFO; an input must be a file.',
    place: { file: 'data/pipe' },
  } as const;
  expect(showFault(fault, () => undefined)).toBe(`${fault.message} [ERS_INPUT_KIND]`);
  const inside = { ...fault, place: { file: 'data' } };
  expect(showFault(inside, () => undefined)).toBe(`data ${fault.message} [ERS_INPUT_KIND]`);
});
