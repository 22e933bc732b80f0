import type { ClassRow } from '../class-table.ts';
import type { Catalog, CatalogMask } from './catalog.ts';
import type { Example } from './thumbnails.ts';

/** One self-contained page about a dataset: classes and their pixels, class groups, sizes, examples. */
export function renderReport(
  catalog: Catalog,
  rows: readonly ClassRow[],
  unlabelled: readonly CatalogMask[],
  examples: readonly Example[],
): string {
  const { masks, periods } = catalog;
  const images = masks.reduce((sum, mask) => sum + mask.images.length, 0);
  const pixels = masks.reduce((sum, mask) => sum + mask.width * mask.height, 0);
  const several = periods.length > 1 ? ` in the periods ${periods.map(escape).join(', ')}` : '';
  const left =
    unlabelled.length === 0
      ? ''
      : `<p class="warning">Left out, because all their pixels are ignored: ${unlabelled.map((mask) => escape(mask.mask)).join(', ')}.</p>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dataset: ${masks.length} masks</title>
<style>${style}</style>
<body>
<header><h1>Dataset</h1><p>Every file was decoded and every mask pixel read; nothing is wrong with them.</p></header>
<section class="cards">
${card(masks.length, 'masks')}
${card(images, `images${several}`)}
${card(catalog.groups.length, 'class groups')}
${card(pixels, 'mask pixels')}
</section>
${left}
<h2>Classes</h2>
${classTable(catalog, rows, pixels)}
<h2>Class groups</h2>
<p class="dim">Masks that hold the same classes. The split is stratified by them.</p>
${groupTable(catalog, rows)}
<h2>Sizes</h2>
${sizeTable(masks)}
<h2>Examples</h2>
${legend(rows)}
<div class="examples">${examples.map(figure).join('\n')}</div>
</body>
</html>
`;
}

function card(value: number, label: string): string {
  return `<div class="card"><b>${grouped(value)}</b><span>${label}</span></div>`;
}

function classTable({ masks }: Catalog, rows: readonly ClassRow[], pixels: number): string {
  const body = [...rows]
    .sort((a, b) => a.value - b.value)
    .map((row) => {
      const counts = masks.map((mask) => mask.histogram[String(row.value)] ?? 0);
      const share = counts.reduce((sum, count) => sum + count, 0) / pixels;
      const holders = counts.filter((count) => count > 0).length;
      const note = row.ignore === true ? ' <small>ignored</small>' : '';
      return `<tr><td class="number">${row.value}</td><td>${swatch(row)}${escape(row.name)}${note}</td><td class="wide">${bar(share, row.colour)}</td><td class="number">${percent(share)}</td><td class="number">${holders}</td></tr>`;
    });
  return `<table><tr><th class="number">value</th><th>class</th><th colspan="2">share of pixels</th><th class="number">masks</th></tr>${body.join('')}</table>`;
}

function groupTable({ groups, masks }: Catalog, rows: readonly ClassRow[]): string {
  const body = groups.map((group) => {
    const values = group.key.split(',');
    const classes = rows.filter((row) => values.includes(String(row.value)));
    const names = classes
      .map((row) => `<span class="tag">${swatch(row)}${escape(row.name)}</span>`)
      .join(' ');
    return `<tr><td>${escape(group.key)}</td><td>${names}</td><td class="wide">${bar(group.masks / masks.length, '#4a6fa5')}</td><td class="number">${group.masks}</td></tr>`;
  });
  return `<table><tr><th>group</th><th>classes</th><th colspan="2">masks</th></tr>${body.join('')}</table>`;
}

function sizeTable(masks: readonly CatalogMask[]): string {
  const counts = new Map<string, number>();
  for (const { width, height } of masks) {
    counts.set(`${width}×${height}`, (counts.get(`${width}×${height}`) ?? 0) + 1);
  }
  const body = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([size, count]) => `<tr><td>${size}</td><td class="number">${count}</td></tr>`);
  return `<table class="narrow"><tr><th>pixels</th><th class="number">masks</th></tr>${body.join('')}</table>`;
}

function legend(rows: readonly ClassRow[]): string {
  return `<p>${rows.map((row) => `<span class="tag">${swatch(row)}${escape(row.name)}</span>`).join(' ')}</p>`;
}

function figure({ mask, images, classes }: Example): string {
  const pictures = images.map(({ period, png }) => picture(png, period === '' ? 'image' : period));
  return `<figure><div class="row">${[...pictures, picture(classes, 'mask')].join('')}</div><figcaption>${escape(mask.name)} <small>${escape(mask.group)}</small></figcaption></figure>`;
}

function picture(png: Buffer, label: string): string {
  return `<div><img alt="${escape(label)}" src="data:image/png;base64,${png.toString('base64')}"><small>${escape(label)}</small></div>`;
}

function swatch({ colour }: ClassRow): string {
  return `<i class="swatch" style="background:${colour}"></i>`;
}

function bar(share: number, colour: string): string {
  return `<div class="bar"><div style="width:${(100 * share).toFixed(1)}%;background:${colour}"></div></div>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.001 ? 3 : 1)} %`;
}

/** 1 234 567, whatever the locale. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
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
.dim,header p,small,figcaption small{color:#66717e}
.cards{display:flex;gap:12px;flex-wrap:wrap;margin-top:18px}
.card{flex:1 1 150px;background:#fff;border-radius:10px;padding:14px 16px;box-shadow:0 1px 3px #0002;display:flex;flex-direction:column}
.card b{font-size:26px;font-variant-numeric:tabular-nums}
.warning{background:#fff4d6;border-radius:8px;padding:10px 14px}
table{border-collapse:collapse;background:#fff;border-radius:10px;box-shadow:0 1px 3px #0002;width:100%}
table.narrow{width:auto;min-width:220px}
th{font-weight:600;color:#66717e;font-size:13px}td,th{padding:7px 12px;text-align:left}tr+tr td{border-top:1px solid #eceff2}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}.wide{width:34%}
.tag{white-space:nowrap;margin-right:8px}
.swatch{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:7px;vertical-align:-1px}
.bar{background:#edf0f3;border-radius:4px;height:10px}.bar div{height:10px;border-radius:4px;min-width:1px}
.examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(440px,1fr));gap:18px}
figure{margin:0;background:#fff;border-radius:10px;padding:12px;box-shadow:0 1px 3px #0002}
.row{display:flex;gap:6px}.row div{flex:1;min-width:0}.row img{display:block;width:100%;border-radius:5px}
figcaption{margin-top:4px;font-weight:600}figcaption small{font-weight:400}
`;
