import type { Fault, Place } from '../../base/fault.ts';
import { saySchema } from './say-schema.ts';
import { sayValue } from '../../base/say-value.ts';
import type { Schema } from './say-schema.ts';
import { preferBranch } from './schema-branches.ts';
import type { SchemaError } from './schema-error.ts';
import { closest, didYouMean } from '../../base/suggest.ts';

/** How a path inside the validated data maps to the files. */
export interface Ground {
  /** Place of a value; of the nearest value above it where there is none. */
  value(path: readonly string[]): Place;
  /** Place of the key that ends the path. */
  key(path: readonly string[]): Place;
  /** The path as a message names it: `train.max_epochs`. */
  name(path: readonly string[]): string;
  /** What to do about a key or value that other tools have there, said instead of any other hint. */
  hint?(path: readonly string[]): string | undefined;
}

/** Turns the errors of one validation into faults in plain words, one for each wrong value or key. */
export function schemaFaults(errors: readonly SchemaError[], ground: Ground): readonly Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  // What a name breaks is told by the `propertyNames` error beside it.
  const kept = preferBranch(errors.filter(({ propertyName }) => propertyName === undefined));
  for (const error of kept) {
    const path = toPath(error.instancePath);
    const key = `${error.instancePath} ${aboutKey(error) ?? ''}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const fault = toFault(error, path, kept, ground);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

/** A JSON pointer as steps. */
export function toPath(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function toFault(
  error: SchemaError,
  path: readonly string[],
  all: readonly SchemaError[],
  ground: Ground,
): Fault | undefined {
  const schema = error.parentSchema ?? {};
  const label = path.length === 0 ? '' : `\`${ground.name(path)}\`: `;
  const subject = aboutKey(error) ?? '';
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(subject, path, schema, ground);
    case 'required': {
      if (isMisspelt(error, subject, all)) return undefined;
      const wanted = schema.properties?.[subject];
      const expected = wanted === undefined ? '' : `, ${saySchema(wanted)}`;
      const where = path.length === 0 ? 'Expected a key' : `\`${ground.name(path)}\` lacks the key`;
      const hint = ground.hint?.([...path, subject]);
      return {
        code: 'ERS_SCHEMA',
        message: `${where} \`${subject}\`${expected}.`,
        place: ground.key(path),
        ...(hint === undefined ? {} : { hint }),
      };
    }
    case 'propertyNames':
      return {
        code: 'ERS_SCHEMA',
        message: `\`${subject}\` is no name: expected letters, digits, _ and -, with a letter first.`,
        place: ground.key([...path, subject]),
      };
    case 'uniqueItems':
      return {
        code: 'ERS_SCHEMA',
        message: `${label}the same item stands twice.`,
        place: ground.value([...path, String(error.params['i'])]),
        also: ground.value([...path, String(error.params['j'])]),
      };
    default: {
      const words = wordsOf(schema);
      const meant = typeof error.data === 'string' ? closest(error.data, words) : undefined;
      return {
        code: 'ERS_SCHEMA',
        message: `${label}expected ${saySchema(schema)}, got ${sayValue(error.data)}.`,
        place: ground.value(path),
        ...hintOf(meant, schema.description, path, ground),
      };
    }
  }
}

function unknownKey(key: string, path: readonly string[], schema: Schema, ground: Ground): Fault {
  const inside = path.length === 0 ? '' : ` in \`${ground.name(path)}\``;
  const known = Object.keys(schema.properties ?? {});
  const hint = ground.hint?.([...path, key]);
  return {
    code: 'ERS_UNKNOWN_KEY',
    message: `Unknown key \`${key}\`${inside}.`,
    place: ground.key([...path, key]),
    ...(hint === undefined ? didYouMean(key, known) : { hint }),
  };
}

/** A missing key beside an unknown one that looks like it is one slip, told once. */
function isMisspelt(error: SchemaError, missing: string, all: readonly SchemaError[]): boolean {
  const known = Object.keys(error.parentSchema?.properties ?? {});
  return all.some(
    (other) =>
      other.keyword === 'additionalProperties' &&
      other.instancePath === error.instancePath &&
      closest(aboutKey(other) ?? '', known) === missing,
  );
}

/** The key that an error is about, for those that are about a key of the object at `instancePath`. */
function aboutKey(error: SchemaError): string | undefined {
  const { params } = error;
  const key = params['additionalProperty'] ?? params['missingProperty'] ?? params['propertyName'];
  return typeof key === 'string' ? key : undefined;
}

function wordsOf(schema: Schema): readonly string[] {
  const values = schema.enum ?? (schema.anyOf ?? schema.oneOf ?? []).map((member) => member.const);
  return values.filter((value) => typeof value === 'string');
}

function hintOf(
  meant: string | undefined,
  description: string | undefined,
  path: readonly string[],
  ground: Ground,
): { readonly hint?: string } {
  const hint = ground.hint?.(path);
  if (hint !== undefined) return { hint };
  if (meant !== undefined) return { hint: `Did you mean \`${meant}\`?` };
  return description === undefined ? {} : { hint: `${ground.name(path)}: ${description}.` };
}
