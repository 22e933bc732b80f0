import type { ClassRow } from '../class-table.ts';
import { bar, card, classTag, escape, image, page, percent, swatch } from '../page.ts';
import type { Chosen, Scores } from './scores.ts';

export interface ReportInput {
  readonly scores: Scores;
  /** Class rows in the order of their train index. */
  readonly classes: readonly ClassRow[];
  readonly pictures: readonly { readonly sample: Chosen; readonly file: string; readonly png: Uint8Array }[];
  /** The dates of a sample, where they are stacked; null: a sample is one image. */
  readonly stacked: readonly string[] | null;
  readonly model: { readonly name: string; readonly epoch: number; readonly valIou: number };
}

/** One self-contained page: score, classes, months, confusion matrix and the drawn samples. */
export function renderReport(input: ReportInput): string {
  const { scores, model, stacked } = input;
  const commonest = escape(rowOf(input, scores.commonest.train).name);
  return page(
    `Test score ${score(scores.iou)}`,
    style,
    `<header>
<h1>Test score</h1>
<p>${escape(model.name)}, best epoch ${model.epoch} with validation IoU ${score(model.valIou)}, on ${scores.samples} ${stacked === null ? 'test images' : `test places, each of ${stacked.length} dates,`} it never saw.</p>
</header>
<section class="cards">
${card(score(scores.iou), 'IoU', 'micro-imagewise, the recipe’s score')}
${card(score(scores.commonest.iou), 'commonest class', `IoU of always answering “${commonest}”`)}
${card(score(scores.meanIou), 'mean IoU', 'mean over classes')}
${card(score(scores.meanF1), 'F1', 'mean over classes')}
${card(score(scores.pixelAccuracy), 'pixel accuracy', 'share of right pixels')}
</section>
${absentNote(input)}
<h2>Classes</h2>
${classTable(input)}
${periodTable(scores)}
<h2>Confusion</h2>
<p class="dim">Rows are the truth, columns the prediction; each row adds up to 100 %.</p>
${confusionTable(input)}
<h2>Samples</h2>
<p class="dim">From left to right: ${stacked === null ? 'image' : `the dates ${stacked.map(escape).join(', ')}`}, truth, prediction, error (red = wrong, black = not scored).</p>
<p>${input.classes.map(classTag).join(' ')}</p>
${input.pictures.map(figure).join('\n')}`,
  );
}

/** A class that was predicted and is not there scores 0 by definition, and pulls the means down. */
function absentNote({ scores, classes }: ReportInput): string {
  const absent = scores.perClass.filter(({ pixels, iou }) => pixels === 0 && iou !== null);
  if (absent.length === 0) return '';
  const names = absent.map(({ train }) => `“${escape(rowOf({ classes }, train).name)}”`).join(', ');
  const [are, their] = absent.length === 1 ? ['is', 'its'] : ['are', 'their'];
  return `<p class="dim">${names} ${are} not in the test set but predicted somewhere: ${their} IoU and F1 are 0 by definition, and count in the means over classes.</p>`;
}

function classTable({ scores, classes }: ReportInput): string {
  const total = scores.perClass.reduce((sum, { pixels }) => sum + pixels, 0);
  const rows = scores.perClass.map(({ train, pixels, iou, f1, precision, recall }) => {
    const row = rowOf({ classes }, train);
    const share = total === 0 ? 0 : pixels / total;
    return `<tr><td>${classTag(row)}</td><td>${pixels === 0 ? '<small>not in the test set</small>' : percent(share)}</td><td>${bar(iou ?? 0, row.colour)}</td><td>${score(iou)}</td><td>${score(f1)}</td><td>${score(precision)}</td><td>${score(recall)}</td></tr>`;
  });
  return `<table><tr><th>class</th><th>share of test pixels</th><th colspan="2">IoU</th><th>F1</th><th>precision</th><th>recall</th></tr>${rows.join('')}</table>`;
}

function periodTable({ perPeriod }: Scores): string {
  if (perPeriod.length < 2) return '';
  const rows = perPeriod.map(
    ({ period, samples, iou }) =>
      `<tr><td>${escape(period)}</td><td>${samples}</td><td>${bar(iou, '#4a6fa5')}</td><td>${score(iou)}</td></tr>`,
  );
  return `<h2>Periods</h2><table><tr><th>period</th><th>images</th><th colspan="2">IoU</th></tr>${rows.join('')}</table>`;
}

function confusionTable({ scores, classes }: ReportInput): string {
  const head = scores.confusion.map((_, at) => `<th>${swatch(rowOf({ classes }, at))}</th>`).join('');
  const rows = scores.confusion.map((row, truth) => {
    const total = row.reduce((sum, pixels) => sum + pixels, 0);
    const cells = row.map((pixels) => {
      const share = total === 0 ? 0 : pixels / total;
      return `<td class="cell" style="--share:${share.toFixed(3)}">${share >= 0.0005 ? (100 * share).toFixed(1) : ''}</td>`;
    });
    return `<tr><td>${classTag(rowOf({ classes }, truth))}</td>${cells.join('')}</tr>`;
  });
  return `<table class="confusion"><tr><th></th>${head}</tr>${rows.join('')}</table>`;
}

function figure({ sample, file, png }: ReportInput['pictures'][number]): string {
  const place = sample.period === null ? sample.name : `${sample.name}, period ${sample.period}`;
  return `<figure>${image(png, file)}<figcaption>${sample.standing} ${sample.rank}: ${escape(place)}, IoU ${score(sample.iou)}</figcaption></figure>`;
}

function rowOf({ classes }: Pick<ReportInput, 'classes'>, train: number): ClassRow {
  const row = classes[train];
  if (row === undefined) throw new Error(`Internal error: no class with the train index ${train}`);
  return row;
}

function score(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

const style = `
.card:first-child{background:#14324f;color:#fff}.card:first-child small{color:#bcd}
.confusion .cell{text-align:right;background:rgb(20 50 79 / calc(var(--share) * 0.6))}
figure{margin:0 0 18px}figure img{width:100%;image-rendering:pixelated;border-radius:8px}figcaption{color:#66717e;font-size:13px}
`;
