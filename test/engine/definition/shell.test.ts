import { expect, test } from 'vitest';
import { placesOf } from '../../../engine/definition/shell.ts';
import { placeholdersOf } from '../../../engine/definition/placeholders.ts';

const placeOf = (line: string): string => {
  const placeholders = placeholdersOf(line);
  const places = placesOf(line, placeholders);
  return placeholders.map(({ at }) => places.get(at) ?? 'a word').join(', ');
};

test.each([
  ['cat {deps.a} > {outs.b}', 'a word, a word'],
  ['sh --a={params.a}.txt', 'a word'],
  ["echo '{params.a}' {params.a}", 'single quotes, a word'],
  ['echo "a \\" {params.a}"', 'double quotes'],
  ['echo `cat {deps.a}`', 'backticks'],
  ['v="$(cat {deps.a})" {params.a}', 'a word, a word'],
  ['v="$(printf %s "{params.a}")"', 'double quotes'],
  ['v="$(f "$(g {params.a})" {params.a}) {params.a}"', 'a word, a word, double quotes'],
  ["true # it's {params.a}\ncat {deps.a}", 'a comment, a word'],
  ['echo a#{params.a} $# {params.a}', 'a word, a word'],
  ['(cat {deps.a}; f) | g {params.a}', 'a word, a word'],
  ['cat <<END\n{params.a}\nEND\ncat {deps.a}', 'a here-document, a word'],
  ["cat <<-'END' > {outs.a}\n\t$(it's {params.a}\n\tEND\ncat {deps.a}", 'a word, a here-document, a word'],
  ['cat <<A <<B\n{params.a}\nA\n{params.a}\nB\n{params.a}', 'a here-document, a here-document, a word'],
  ['echo $((1 << {params.a})) {params.a}', 'arithmetic, a word'],
  ['echo ${A:-{params.a}} {params.a}', 'a parameter expansion, a word'],
  ['echo \\\' {params.a} \\" {params.a}', 'a word, a word'],
  ['case {params.a} in a) echo {params.a};; esac', 'a word, a word'],
])('in %j stand: %s', (line, places) => {
  expect(placeOf(line)).toBe(places);
});

test('a name with a space is a placeholder too, so that it is checked before it could be filled', () => {
  expect(placeholdersOf('{params.a b} {print $1}').map(({ group, name }) => [group, name])).toEqual([
    ['params', 'a b'],
  ]);
});
