import type { Json } from '../../base/canonical.ts';
import type { Fault } from '../../base/fault.ts';
import type { Validator } from './built.ts';
import { aboutMissing, hasKey } from './config-keys.ts';
import { asMapping, follow, nearest, toJson, without } from './located.ts';
import type { Located } from './located.ts';
import { isPlenty } from './plenty.ts';
import type { RawStage } from './raw-pipeline.ts';
import { schemaFaults, toPath } from './schema-faults.ts';
import { sketch } from './sketch.ts';
import { closest, didYouMean, lacking } from '../../base/suggest.ts';
import type { BuiltStage } from '../built-stage.ts';

export interface ConfigUse {
  readonly tree: Located;
  /** `tree` without the locations. */
  readonly stripped: Located;
  /** Dotted keys that some `deps` names: locations, so never part of a param. */
  readonly locations: ReadonlySet<string>;
}

/** The params of a stage as config.yaml and the defaults of the stage's schema give them: dotted key → value. */
export function readParams(
  stage: RawStage,
  definition: BuiltStage | undefined,
  validate: Validator | undefined,
  config: ConfigUse,
  faults: Fault[],
): ReadParams {
  const wanted = stage.params.filter((raw) => {
    if (isPlenty(faults)) return false;
    const problem = wrongParam(raw.text, stage, definition, config);
    if (problem !== undefined) faults.push({ ...problem, place: raw.place });
    return problem === undefined;
  });
  const names = wanted.map(({ text }) => text);
  const written = stage.params.map(({ text }) => text);
  for (const name of lacking(definition?.params ?? [], written)) {
    faults.push({
      code: 'ERS_UNKNOWN_PARAM',
      message: `${stage.name} reads \`${name}\`: list it in params.`,
      place: stage.keys.params,
      hint: `params: [${definition?.params.join(', ') ?? ''}]`,
    });
  }
  const values: Record<string, Json> = Object.fromEntries(
    names.flatMap((name) => {
      const found = follow(config.stripped, name.split('.'));
      return found === undefined ? [] : [[name, toJson(found.value)] as const];
    }),
  );
  const isValid = validate?.(values) !== false;
  if (validate !== undefined && !isValid) faults.push(...wrongValues(stage, validate, config));
  const whole = isValid ? structuredClone(values) : undefined;
  // A schema may fill in a default for a location; it is still none of the stage's business.
  for (const name of names) {
    for (const location of config.locations) {
      if (location.startsWith(`${name}.`)) drop(values[name], location.slice(name.length + 1).split('.'));
    }
  }
  return { values, whole };
}

interface ReadParams {
  readonly values: Readonly<Record<string, Json>>;
  /** With the locations, for the definition's check; undefined where the schema refuses the values. */
  readonly whole: Readonly<Record<string, Json>> | undefined;
}

export function withoutLocations(config: Located, locations: ReadonlySet<string>): Located {
  return [...locations].reduce((tree, location) => without(tree, location.split('.')), config);
}

function wrongParam(
  name: string,
  stage: RawStage,
  definition: BuiltStage | undefined,
  config: ConfigUse,
): Omit<Fault, 'place'> | undefined {
  if (definition !== undefined && !definition.params.includes(name)) {
    const message = `${definition.name} reads no param \`${name}\`.`;
    return { code: 'ERS_UNKNOWN_PARAM', message, ...didYouMean(name, definition.params) };
  }
  if (config.locations.has(name)) {
    const message = `\`${name}\` says where an input lies: it cannot be a param too.`;
    return { code: 'ERS_UNKNOWN_PARAM', message, hint: 'The content of an input counts by itself.' };
  }
  if (definition === undefined && !hasKey(config.tree, name)) {
    const message = `The config has no key \`${name}\`.`;
    return { code: 'ERS_UNKNOWN_PARAM', message, ...aboutMissing(config.tree, name) };
  }
  return undefined;
}

/** Faults of the values, at their places in the config; a group that is missing as a whole is told at the stage's params. */
function wrongValues(stage: RawStage, validate: Validator, config: ConfigUse): readonly Fault[] {
  const listed = new Map(stage.params.map((raw) => [raw.text, raw]));
  const isLocation = (path: readonly string[]): boolean => {
    const name = toConfigPath(path).join('.');
    return [...config.locations].some((location) => name === location || name.startsWith(`${location}.`));
  };
  const faults: Fault[] = [];
  const errors = (validate.errors ?? []).filter((error) => {
    const path = toPath(error.instancePath);
    const missing = error.keyword === 'required' ? String(error.params['missingProperty']) : undefined;
    if (isLocation(missing === undefined ? path : [...path, missing])) return false;
    if (missing === undefined || path.length > 0) return true;
    const raw = listed.get(missing);
    const file = config.tree.place.file;
    if (raw !== undefined && !resembles(missing, config.tree)) {
      const written = `${missing}: ${sketch(error.parentSchema?.properties?.[missing])}`;
      faults.push({
        code: 'ERS_SCHEMA',
        message: `${file} has no \`${missing}\`.`,
        place: { file },
        also: raw.place,
        hint: `Add \`${written}\` to ${file}.`,
      });
    }
    return false;
  });
  const ground = {
    value: (path: readonly string[]) => nearest(config.tree, toConfigPath(path)).value.place,
    key: (path: readonly string[]) => nearest(config.tree, toConfigPath(path)).key,
    name: (path: readonly string[]) => toConfigPath(path).join('.'),
  };
  return [...faults, ...schemaFaults(errors, ground)];
}

/** A group that is missing because its name was misspelt is told where it is misspelt (unused.ts). */
function resembles(missing: string, tree: Located): boolean {
  const keys = [...(asMapping(tree)?.keys() ?? [])];
  return keys.some((key) => closest(key, [missing]) !== undefined);
}

/** The validated object has declared keys at its top, which may be dotted. */
export function toConfigPath([declared = '', ...rest]: readonly string[]): readonly string[] {
  return declared === '' ? [] : [...declared.split('.'), ...rest];
}

function drop(value: Json | undefined, [step, ...rest]: readonly string[]): void {
  if (step === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const members = value as Record<string, Json>;
  if (rest.length === 0) Reflect.deleteProperty(members, step);
  else drop(members[step], rest);
}
