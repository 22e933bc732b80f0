const begin = '<!-- bench:engine: written by `npm run bench:engine -- --write`; edits are lost -->';
const end = '<!-- /bench:engine -->';

/** What stands between the bench's two marks. */
export function takeBetween(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  return from < 0 || to < from ? '' : page.slice(from + begin.length, to).trim();
}

/** The page with `text` between the bench's two marks; undefined if they are not there in this order. */
export function putBetween(page: string, text: string): string | undefined {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}
