import type { ClassRow } from '../class-table.ts';
import type { Chosen, Scores } from './scores.ts';

export interface ReportInput {
  readonly scores: Scores;
  /** Class rows in the order of their train index. */
  readonly classes: readonly ClassRow[];
  readonly pictures: readonly { readonly sample: Chosen; readonly file: string; readonly png: Uint8Array }[];
  readonly model: { readonly name: string; readonly epoch: number; readonly valIou: number };
}

/** One self-contained page: score, classes, months, confusion matrix and the drawn samples. */
export function renderReport(input: ReportInput): string {
  const { scores, model } = input;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Test score ${score(scores.iou)}</title>
<style>${style}</style>
<body>
<header>
<h1>Test score</h1>
<p>${model.name}, best epoch ${model.epoch} with validation IoU ${score(model.valIou)}, on ${scores.samples} test images it never saw.</p>
</header>
<section class="cards">
${card('IoU', scores.iou, 'micro-imagewise, the recipe’s score')}
${card('commonest class', scores.commonest.iou, `IoU of always answering “${escape(className(input, scores.commonest.train))}”`)}
${card('mean IoU', scores.meanIou, 'mean over classes')}
${card('F1', scores.meanF1, 'mean over classes')}
${card('pixel accuracy', scores.pixelAccuracy, 'share of right pixels')}
</section>
<h2>Classes</h2>
${classTable(input)}
${periodTable(scores)}
<h2>Confusion</h2>
<p class="dim">Rows are the truth, columns the prediction; each row adds up to 100 %.</p>
${confusionTable(input)}
<h2>Samples</h2>
<p class="dim">From left to right: image, truth, prediction, error (red = wrong, black = not scored).</p>
${legend(input)}
${input.pictures.map(figure).join('\n')}
</body>
</html>
`;
}

function card(label: string, value: number, hint: string): string {
  return `<div class="card"><b>${score(value)}</b><span>${label}</span><small>${hint}</small></div>`;
}

function classTable({ scores, classes }: ReportInput): string {
  const total = scores.perClass.reduce((sum, { pixels }) => sum + pixels, 0);
  const rows = scores.perClass.map(({ train, pixels, iou, f1 }) => {
    const row = classes[train];
    const share = total === 0 ? 0 : pixels / total;
    return `<tr><td>${swatch(row)}${escape(row?.name ?? String(train))}</td><td>${percent(share)}</td><td>${bar(iou, row?.colour)}</td><td>${score(iou)}</td><td>${score(f1)}</td></tr>`;
  });
  return `<table><tr><th>class</th><th>share of test pixels</th><th colspan="2">IoU</th><th>F1</th></tr>${rows.join('')}</table>`;
}

function periodTable({ perPeriod }: Scores): string {
  if (perPeriod.length < 2) return '';
  const rows = perPeriod.map(
    ({ period, samples, iou }) =>
      `<tr><td>${escape(period)}</td><td>${samples}</td><td>${bar(iou, '#4a6fa5')}</td><td>${score(iou)}</td></tr>`,
  );
  return `<h2>Months</h2><table><tr><th>period</th><th>images</th><th colspan="2">IoU</th></tr>${rows.join('')}</table>`;
}

function confusionTable({ scores, classes }: ReportInput): string {
  const head = scores.confusion.map((_, at) => `<th>${swatch(classes[at])}</th>`).join('');
  const rows = scores.confusion.map((row, truth) => {
    const total = row.reduce((sum, pixels) => sum + pixels, 0);
    const cells = row.map((pixels) => {
      const share = total === 0 ? 0 : pixels / total;
      return `<td class="cell" style="--share:${share.toFixed(3)}">${share >= 0.0005 ? (100 * share).toFixed(1) : ''}</td>`;
    });
    return `<tr><td>${swatch(classes[truth])}${escape(classes[truth]?.name ?? String(truth))}</td>${cells.join('')}</tr>`;
  });
  return `<table class="confusion"><tr><th></th>${head}</tr>${rows.join('')}</table>`;
}

function legend({ classes }: ReportInput): string {
  return `<p class="legend">${classes.map((row) => `${swatch(row)}${escape(row.name)}`).join(' &nbsp; ')}</p>`;
}

function figure({ sample, file, png }: ReportInput['pictures'][number]): string {
  const place = sample.period === null ? sample.name : `${sample.name}, period ${sample.period}`;
  const data = Buffer.from(png).toString('base64');
  return `<figure><img alt="${escape(file)}" src="data:image/png;base64,${data}"><figcaption>${sample.standing} ${sample.rank}: ${escape(place)}, IoU ${score(sample.iou)}</figcaption></figure>`;
}

function className({ classes }: ReportInput, train: number): string {
  return classes[train]?.name ?? String(train);
}

function swatch(row: ClassRow | undefined): string {
  return row === undefined
    ? ''
    : `<i class="swatch" style="background:${row.colour}" title="${escape(row.name)}"></i>`;
}

function bar(share: number | null, colour = '#888888'): string {
  return `<div class="bar"><div style="width:${(100 * (share ?? 0)).toFixed(1)}%;background:${colour}"></div></div>`;
}

function score(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const style = `
:root{color-scheme:light;font:15px/1.5 system-ui,sans-serif;color:#1d2733;background:#f6f7f9}
body{max-width:980px;margin:32px auto;padding:0 20px}
h1{margin:0;font-size:28px}h2{margin:36px 0 10px;font-size:18px}
.dim,header p,small{color:#66717e}
.cards{display:flex;gap:12px;flex-wrap:wrap;margin-top:18px}
.card{flex:1 1 150px;background:#fff;border-radius:10px;padding:14px 16px;box-shadow:0 1px 3px #0002;display:flex;flex-direction:column}
.card b{font-size:26px}.card:first-child{background:#14324f;color:#fff}.card:first-child small{color:#bcd}
table{border-collapse:collapse;background:#fff;border-radius:10px;box-shadow:0 1px 3px #0002;width:100%}
th{font-weight:600;text-align:left;color:#66717e;font-size:13px}td,th{padding:7px 12px}tr+tr td{border-top:1px solid #eceff2}
td{font-variant-numeric:tabular-nums}
.swatch{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:8px;vertical-align:-1px}
.bar{background:#edf0f3;border-radius:4px;height:10px;min-width:180px}.bar div{height:10px;border-radius:4px}
.confusion .cell{text-align:right;background:rgb(20 50 79 / calc(var(--share) * 0.6));}
figure{margin:0 0 18px}figure img{width:100%;image-rendering:pixelated;border-radius:8px}figcaption{color:#66717e;font-size:13px}
`;
