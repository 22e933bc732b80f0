import { expect, test } from 'vitest';
import { check } from '../../../stages/scan/check.ts';

const names = { images: 'images/{name}.png', masks: 'masks/{name}.png' };
const row = (value: number, name: string, ignore = false) => ({ value, name, colour: '#000000', ignore });
const classes = [row(0, 'land'), row(1, 'sea')];

test('good params have no fault', () => {
  expect(check({ names, classes })).toEqual([]);
});

test('a value or a name that stands twice is told at the second row, with the first one', () => {
  expect(check({ names, classes: [...classes, row(0, 'sea')] })).toMatchObject([
    { code: 'ERS_CLASS_TABLE', path: ['classes', 2, 'value'], other: ['classes', 0, 'value'] },
    { code: 'ERS_CLASS_TABLE', path: ['classes', 2, 'name'], other: ['classes', 1, 'name'] },
  ]);
});

test('one class that is not ignored is too few', () => {
  expect(check({ names, classes: [row(0, 'land', true), row(1, 'sea')] })).toMatchObject([
    { code: 'ERS_CLASS_TABLE', path: ['classes'] },
  ]);
});

test.each(['images/all.png', 'images/{name}_{month}.png', '/data/{name}.png', '../{name}.png', '{name'])(
  'the pattern %s is refused for images and for masks, each at its place',
  (text) => {
    expect(check({ names: { images: text, masks: text }, classes })).toMatchObject([
      { code: 'ERS_PATTERN', path: ['names', 'images'] },
      { code: 'ERS_PATTERN', path: ['names', 'masks'] },
    ]);
  },
);

test('one pattern for images and masks is refused', () => {
  expect(check({ names: { images: '{name}.png', masks: '{name}.png' }, classes })).toEqual([
    {
      path: ['names', 'masks'],
      other: ['names', 'images'],
      code: 'ERS_PATTERN',
      message: 'names.images and names.masks are both "{name}.png": nothing tells an image from a mask.',
      hint: 'Name another folder, ending or suffix for the masks, e.g. annotations/{name}_mask.png.',
    },
  ]);
});
