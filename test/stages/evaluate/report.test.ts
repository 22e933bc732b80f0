import { expect, it } from 'vitest';
import { confusionOf } from '../../../nn/metrics/confusion.ts';
import { renderReport } from '../../../stages/evaluate/report.ts';
import { tally } from '../../../stages/evaluate/tally.ts';

const classes = ['water', 'forest', 'swamp & fen', 'town'].map((name, value) => ({
  value,
  name,
  colour: '#123456',
}));
const model = { name: 'unet', epoch: 1, valIou: 0.5 };

function report(prediction: readonly number[], stacked: readonly string[] | null = null): string {
  const confusion = confusionOf(prediction, [0, 1, 0, 1], 4, 255);
  const scores = tally([{ key: 'a', name: 'a', period: null, confusion }], 4);
  return renderReport({ scores, classes, pictures: [], stacked, model });
}

it('a class that is predicted but not in the test set is marked, and the means are explained', () => {
  const html = report([0, 1, 0, 2]);
  expect(html).toContain(
    '“swamp &amp; fen” is not in the test set but predicted somewhere: its IoU and F1 are 0 by definition, and count in the means over classes.',
  );
  expect(html.match(/not in the test set<\/small>/g)).toHaveLength(2);
});

it('a class that neither truth nor prediction has is marked and pulls nothing down', () => {
  const html = report([0, 1, 0, 1]);
  expect(html).not.toContain('by definition');
  expect(html.match(/not in the test set<\/small>/g)).toHaveLength(2);
});

it('of stacked dates it says how many a place has and in which order they are shown', () => {
  const html = report([0, 1, 0, 1], ['6', '7', '<8>']);
  expect(html).toContain('on 1 test places, each of 3 dates, it never saw.');
  expect(html).toContain('From left to right: the dates 6, 7, &lt;8&gt;, truth, prediction, error');
  expect(report([0, 1, 0, 1])).toContain('From left to right: image, truth, prediction, error');
});
