import type { Fault, Place } from '../../base/fault.ts';
import { aboutMissing, hasKey } from './config-keys.ts';
import type { Located } from './located.ts';
import { overlaps } from './matrix.ts';
import type { RawStage } from './raw-pipeline.ts';
import { referencesOf } from './references.ts';
import type { BuiltStage } from '../built-stage.ts';

/**
 * An axis must be a key of the config, and one that the stage reads: as a param, as the place of an input, or to pair up
 * with the members of a stage above (`paired`). Any other would make members that are all the same.
 */
export function checkAxes(
  stage: RawStage,
  definition: BuiltStage | undefined,
  config: Located,
  used: { readonly locations: readonly string[]; readonly paired: ReadonlySet<string> },
  faults: Fault[],
): void {
  const params = stage.params.map(({ text }) => text);
  for (const { key, place } of stage.matrix?.axes ?? []) {
    // Of a group that a schema describes, the schema says whether it has the key.
    const isDescribed = definition?.params.some((param) => key.startsWith(`${param}.`)) === true;
    if (!hasKey(config, key) && !isDescribed) {
      faults.push({
        code: 'ERS_UNKNOWN_KEY',
        message: `The config has no key \`${key}\`.`,
        place,
        ...aboutMissing(config, key),
      });
    } else if (![...params, ...used.locations].some((read) => overlaps(read, key)) && !used.paired.has(key)) {
      faults.push({
        code: 'ERS_UNKNOWN_PARAM',
        message: `${stage.name} does not read \`${key}\`, so its members would all be the same.`,
        place,
        also: stage.keys.params,
        hint: `List \`${key.split('.')[0] ?? key}\` in its params, or take the axis out.`,
      });
    }
  }
}

/** A matrix gives its axes their values: an option for a key that is an axis of every stage that reads it says nothing. */
export function checkOverridden(
  keys: readonly { readonly key: string; readonly place: Place }[],
  stages: readonly RawStage[],
  faults: Fault[],
): void {
  for (const { key, place } of keys) {
    const fixed = stages
      .filter((stage) => readsOf(stage).some((read) => overlaps(read, key)))
      .map((stage) => ({ stage, axis: stage.matrix?.axes.find((each) => isWithin(key, each.key)) }));
    const [first] = fixed;
    if (first?.axis === undefined || fixed.some(({ axis }) => axis === undefined)) continue;
    const { name } = first.stage;
    faults.push({
      code: 'ERS_USAGE',
      message: `\`${first.axis.key}\` is an axis of ${name}'s matrix, which gives it its values: the option would not change it.`,
      place,
      also: first.axis.place,
      hint: `Name members, such as ${name}@${key.split('.').at(-1) ?? key}-…, or change the matrix.`,
    });
  }
}

/** Keys of the config that a stage names: as params, or as places of its inputs. */
function readsOf({ params, deps }: RawStage): readonly string[] {
  return [...params.map(({ text }) => text), ...[...deps.values()].flatMap(({ text }) => referencesOf(text))];
}

function isWithin(key: string, group: string): boolean {
  return key === group || key.startsWith(`${group}.`);
}
