import type { ClassRow } from '../class-table.ts';
import { bar, card, classTag, escape, image, page, percent, swatch } from '../page.ts';
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
  return page(
    `Dataset: ${masks.length} masks`,
    style,
    `<header><h1>Dataset</h1><p>Every file was decoded and every mask pixel read; nothing is wrong with them.</p></header>
<section class="cards">
${card(grouped(masks.length), 'masks')}
${card(grouped(images), `images${several}`)}
${card(grouped(catalog.groups.length), 'class groups')}
${card(grouped(pixels), 'mask pixels')}
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
<p>${rows.map(classTag).join(' ')}</p>
<div class="examples">${examples.map(figure).join('\n')}</div>`,
  );
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
    const names = classes.map(classTag).join(' ');
    return `<tr><td>${escape(group.key)}</td><td>${names}</td><td class="wide">${bar(group.masks / masks.length, '#4a6fa5')}</td><td class="number">${group.masks}</td></tr>`;
  });
  return `<table><tr><th>group</th><th>classes</th><th colspan="2">masks</th></tr>${body.join('')}</table>`;
}

/** Rows of the table of sizes. */
const shownSizes = 12;

function sizeTable(masks: readonly CatalogMask[]): string {
  const counts = new Map<string, number>();
  for (const { width, height } of masks) {
    counts.set(`${width}×${height}`, (counts.get(`${width}×${height}`) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const body = sorted
    .slice(0, shownSizes)
    .map(([size, count]) => `<tr><td>${size}</td><td class="number">${count}</td></tr>`);
  const hidden = sorted.slice(shownSizes);
  const masksLeft = hidden.reduce((sum, [, count]) => sum + count, 0);
  const more =
    hidden.length === 0
      ? ''
      : `<tr><td class="dim">and ${hidden.length} more ${hidden.length === 1 ? 'size' : 'sizes'}</td><td class="number">${masksLeft}</td></tr>`;
  return `<table class="narrow"><tr><th>pixels</th><th class="number">masks</th></tr>${body.join('')}${more}</table>`;
}

function figure({ mask, images, classes }: Example): string {
  const pictures = images.map(({ period, png }) => picture(png, period === '' ? 'image' : period));
  return `<figure><div class="row">${[...pictures, picture(classes, 'mask')].join('')}</div><figcaption>${escape(mask.name)} <small>${escape(mask.group)}</small></figcaption></figure>`;
}

function picture(png: Buffer, label: string): string {
  return `<div>${image(png, label)}<small>${escape(label)}</small></div>`;
}

/** 1 234 567, whatever the locale. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

const style = `
.warning{background:#fff4d6;border-radius:8px;padding:10px 14px}
table.narrow{width:auto;min-width:220px}
.examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(440px,1fr));gap:18px}
figure{margin:0;background:#fff;border-radius:10px;padding:12px;box-shadow:0 1px 3px #0002}
.row{display:flex;gap:6px}.row div{flex:1;min-width:0}.row img{display:block;width:100%;border-radius:5px}
figcaption{margin-top:4px;font-weight:600}figcaption small{font-weight:400}
`;
