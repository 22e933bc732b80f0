/**
 * Parts a text at its commas, save those inside quotes, brackets and braces, which belong to a YAML value:
 * `1e-3,3e-4` → two, `[256,128]` and `"a,b"` → one. Quotes and brackets open only where a value may begin, as in YAML:
 * `it's, so` and `a[0],b` are two each. The parts come without spaces around them.
 */
export function splitList(text: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  let canOpen = true;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === ' ') continue;
    if (canOpen && (character === '"' || character === "'")) {
      at = endOfQuote(text, at);
      canOpen = false;
      continue;
    }
    if ((canOpen || depth > 0) && '[{'.includes(character)) depth += 1;
    else if (depth > 0 && ']}'.includes(character)) depth -= 1;
    else if (depth === 0 && character === ',') {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
    canOpen = '[{,'.includes(character) || (depth > 0 && character === ':');
  }
  return [...parts, text.slice(from).trim()];
}

/** Index of the quote that closes the one at `open`; of the last character if none does. */
function endOfQuote(text: string, open: number): number {
  const quote = text[open] ?? '';
  for (let at = open + 1; at < text.length; at += 1) {
    if (quote === '"' && text[at] === '\\') at += 1;
    else if (quote === "'" && text[at] === quote && text[at + 1] === quote) at += 1;
    else if (text[at] === quote) return at;
  }
  return text.length - 1;
}
