const begin = '<!-- bench:engine: written by `npm run bench:engine -- --write`; edits are lost -->';
const end = '<!-- /bench:engine -->';

/** The page with `text` between the bench's two marks; undefined if they are not there in this order. */
export function putBetween(page: string, text: string): string | undefined {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}
