import type { Fault, Place } from '../../base/fault.ts';
import { aboutMissing } from './config-keys.ts';
import { follow, toJson } from './located.ts';
import type { Located } from './located.ts';
import type { RawText } from './raw-pipeline.ts';
import { sayValue } from '../../base/say-value.ts';
import { sketchKey } from './sketch.ts';

const reference = /\$\{([^{}]*)\}/g;

/** Config keys that a text names as `${a.b}`, also where the brace is not closed: that is a fault of its own. */
export function referencesOf(text: string): readonly string[] {
  return [...text.matchAll(/\$\{([^{}]*)/g)].map((match) => (match[1] ?? '').trim());
}

export type Resolved =
  /** `place` is the config value's where the whole text is one reference: there the user mends a wrong path. */
  | { readonly type: 'text'; readonly text: string; readonly place: Place }
  /** The whole text is a reference to null. */
  | { readonly type: 'null'; readonly key: string; readonly place: Place }
  | { readonly type: 'fault'; readonly faults: readonly Fault[] };

/** Puts config values in the place of `${a.b}`. `known` are keys of the config that a stage's schema describes. */
export function resolve(raw: RawText, config: Located, known: ReadonlySet<string>): Resolved {
  const faults: Fault[] = [];
  const open = unclosed(raw);
  if (open !== undefined) return { type: 'fault', faults: [open] };
  const seen = new Map<string, number>();
  let whole: { readonly key: string; readonly value: Located } | undefined;
  const text = raw.text.replaceAll(reference, (token: string, inner: string) => {
    const key = inner.trim();
    const nth = seen.get(token) ?? 0;
    seen.set(token, nth + 1);
    const place = raw.within(token, nth);
    const found = follow(config, key.split('.'))?.value;
    if (found === undefined) {
      faults.push(lackedKey(config, key, place, known));
      return '';
    }
    if (token === raw.text.trim()) whole = { key, value: found };
    if (found.content === null && whole !== undefined) return '';
    if (typeof found.content !== 'string' || found.content === '') {
      const got = found.content === '' ? 'an empty text' : sayValue(toJson(found));
      faults.push({
        code: 'ERS_SCHEMA',
        message: `\`${key}\`: expected a path or stage:out, got ${got}.`,
        place: found.place,
        also: place,
      });
      return '';
    }
    return found.content;
  });
  if (faults.length > 0) return { type: 'fault', faults };
  if (whole?.value.content === null) return { type: 'null', key: whole.key, place: whole.value.place };
  return { type: 'text', text, place: whole?.value.place ?? raw.place };
}

/** A reference without its closing brace would be taken for a path. */
function unclosed(raw: RawText): Fault | undefined {
  const opened = [...raw.text.matchAll(/\$\{/g)];
  const closed = new Set([...raw.text.matchAll(reference)].map(({ index }) => index));
  const nth = opened.findIndex(({ index }) => !closed.has(index));
  if (nth === -1) return undefined;
  return {
    code: 'ERS_SCHEMA',
    message: 'A reference opens here and is not closed.',
    place: raw.within('${', nth),
    hint: 'Write `${key}` or `${group.key}`, braces included.',
  };
}

/** The key that was meant, or, in a config that has nothing like it, what to add to its file. */
function lackedKey(config: Located, key: string, place: Place, known: ReadonlySet<string>): Fault {
  const about = aboutMissing(config, key);
  const { file } = config.place;
  // Of a group that a schema describes, the reference is wrong rather than the config.
  const isDescribed = known.has(key.split('.')[0] ?? '');
  if (about.also !== undefined || isDescribed || file === place.file) {
    return { code: 'ERS_UNKNOWN_KEY', message: `The config has no key \`${key}\`.`, place, ...about };
  }
  return {
    code: 'ERS_UNKNOWN_KEY',
    message: `${file} has no \`${key}\`.`,
    place: { file },
    also: place,
    hint: `Add \`${sketchKey(key.split('.'))}\` to ${file}: a path, or stage:out.`,
  };
}
