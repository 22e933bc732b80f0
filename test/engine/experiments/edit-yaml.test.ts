import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Json } from '../../../base/canonical.ts';
import { editYaml } from '../../../engine/experiments/edit-yaml.ts';

const set = (text: string, changes: Readonly<Record<string, Json>>): string => {
  const edited = editYaml(text, changes, 'config.yaml');
  if (!edited.ok) throw new Error(JSON.stringify(edited.faults));
  return edited.value;
};

it.each<readonly [string, Readonly<Record<string, Json>>, string]>([
  ['a: 1 # one\nb:   2\n', { a: 3 }, 'a: 3 # one\nb:   2\n'],
  ['a: { b: 1,  c: 2 } # x\n', { 'a.c': 'word' }, 'a: { b: 1,  c: word } # x\n'],
  ['a: [1, 2]\n', { a: [3, 4] }, 'a: [3, 4]\n'],
  ['a:\n  - 1\n  - 2\n\n# end\nb: 1\n', { a: [3] }, 'a:\n  [3]\n\n# end\nb: 1\n'],
  ['a:\n  - { k: 1 }\n  - { k: 2 }\n', { 'a.1.k': 5 }, 'a:\n  - { k: 1 }\n  - { k: 5 }\n'],
  ['a:\nb: 1\n', { a: 2 }, 'a: 2\nb: 1\n'],
  ['a: null # none\n', { a: 'x.safetensors' }, 'a: x.safetensors # none\n'],
  ["a: 'it''s'\n", { a: "it's more" }, "a: 'it''s more'\n"],
  ['a: |\n  two\n  lines\nb: 1\n', { a: 'one' }, 'a: one\nb: 1\n'],
  ['a: x\n', { a: '1' }, "a: '1'\n"],
  ['a: x\n', { a: 'no: [, yes' }, "a: 'no: [, yes'\n"],
  ['a: x\n', { a: 'tab\tand\nline' }, 'a: "tab\\tand\\nline"\n'],
  ['a: 1\n', { a: { b: null, 'c d': [true, {}] } }, 'a: { b: null, c d: [true, {}] }\n'],
  // Added where the schema knows a key that the file leaves out.
  ['a: { b: 1 }\n', { 'a.c': 2 }, 'a: { b: 1, c: 2 }\n'],
  ['a: {}\n', { 'a.c': 2 }, 'a: { c: 2 }\n'],
  ['a:\n  b: 1 # one\n\nz: 1\n', { 'a.c': 2 }, 'a:\n  b: 1 # one\n  c: 2\n\nz: 1\n'],
  ['a:\n  b:\n    deep: 1\nz: 1\n', { 'a.c.d': 2 }, 'a:\n  b:\n    deep: 1\n  c: { d: 2 }\nz: 1\n'],
  ['z: 1', { 'a.c': 2 }, 'z: 1\na: { c: 2 }'],
  ['', { 'a.c': 2 }, 'a: { c: 2 }\n'],
  ['# nothing yet\n', { a: 2 }, '# nothing yet\na: 2\n'],
  ['a: 1\r\nb: { c: 1 }\r\n', { a: 2, 'b.c': 3, d: 4 }, 'a: 2\r\nb: { c: 3 }\r\nd: 4\r\n'],
  ['a: { b: 1 }\n', { a: { b: 2 }, 'a.b': 3 }, 'a: { b: 3 }\n'],
])('%j with %j becomes %j', (text, changes, expected) => {
  expect(set(text, changes)).toBe(expected);
});

it('of the demo config nothing but the value changes', () => {
  const text = readFileSync(new URL('../../../config.yaml', import.meta.url), 'utf8');
  expect(set(text, { 'optimizer.lr': 3e-4 })).toBe(text.replace('lr: 0.001', 'lr: 0.0003'));
  expect(set(text, { 'classes.1.colour': '#000000' })).toBe(text.replace('#2f6fa8', '#000000'));
  const decoder = set(text, { 'model.decoder_channels': [32, 16, 16, 8, 8] });
  expect(decoder).toBe(text.replace('[256, 128, 64, 32, 16]', '[32, 16, 16, 8, 8]'));
});

it.each<readonly [string, Readonly<Record<string, Json>>, string]>([
  ['a: 1\n', { 'a.b': 2 }, '`a.b` cannot be set: something else than a group stands on its way.'],
  ['a: [1]\n', { 'a.4': 2 }, '`a.4` cannot be set: something else than a group stands on its way.'],
  ['a: &x { v: 1 }\nb: *x\n', { 'a.v': 2 }, '`a.v` cannot be set: its value is shared with other keys'],
  ['a: &x 1\nb: *x\n', { a: 2 }, '`a` cannot be set: its value is shared'],
])('%j: %j is refused', (text, changes, message) => {
  const edited = editYaml(text, changes, 'config.yaml');
  expect(edited).toMatchObject({
    ok: false,
    faults: [{ code: 'ERS_USAGE', place: { file: 'config.yaml' } }],
  });
  expect(edited.ok ? '' : edited.faults[0]?.message).toContain(message.slice(0, 40));
});
