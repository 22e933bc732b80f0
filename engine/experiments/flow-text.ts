import { parse } from 'yaml';
import type { Json } from '../../base/canonical.ts';

/** A value as YAML on one line, in the layout of config.yaml: `[256, 128]`, `{ ce: 1 }`, words without quotes where they stay texts. */
export function flowText(value: Json): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(flowText).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${quoted(key)}: ${flowText(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function quoted(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_./ -]*$/.test(text) && !text.endsWith(' ') && parse(text) === text) return text;
  // Only double quotes know escapes.
  return /^[\x20-\x7e\xa0-\ud7ff]*$/.test(text) ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
