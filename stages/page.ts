import type { ClassRow } from './class-table.ts';

/** What the report pages of the stages share: one look, self-contained, no script. */
export function page(title: string, ownStyle: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${style}${ownStyle}</style>
<body>
${body}
</body>
</html>
`;
}

/** A number set large, with what it is below. `label` and `hint` are HTML. */
export function card(value: string, label: string, hint = ''): string {
  return `<div class="card"><b>${value}</b><span>${label}</span>${hint === '' ? '' : `<small>${hint}</small>`}</div>`;
}

/** The class's colour and name, and its colour alone. */
export function classTag(row: ClassRow): string {
  return `<span class="tag">${swatch(row)}${escape(row.name)}</span>`;
}

export function swatch(row: ClassRow): string {
  return `<i class="swatch" style="background:${row.colour}" title="${escape(row.name)}"></i>`;
}

/** A bar that is full at 1. */
export function bar(share: number, colour: string): string {
  return `<div class="bar"><div style="width:${(100 * share).toFixed(1)}%;background:${colour}"></div></div>`;
}

/** `12.3 %`; three digits where one would say 0. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.001 ? 3 : 1)} %`;
}

export function image(png: Uint8Array, alt: string): string {
  return `<img alt="${escape(alt)}" src="data:image/png;base64,${Buffer.from(png).toString('base64')}">`;
}

export function escape(text: string): string {
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
table{border-collapse:collapse;background:#fff;border-radius:10px;box-shadow:0 1px 3px #0002;width:100%}
th{font-weight:600;color:#66717e;font-size:13px}td,th{padding:7px 12px;text-align:left}tr+tr td{border-top:1px solid #eceff2}
td{font-variant-numeric:tabular-nums}td.number,th.number{text-align:right}.wide{width:34%}
.tag{white-space:nowrap;margin-right:8px}
.swatch{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:7px;vertical-align:-1px}
.bar{background:#edf0f3;border-radius:4px;height:10px;min-width:120px}.bar div{height:10px;border-radius:4px;min-width:1px}
`;
