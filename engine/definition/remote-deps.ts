import type { Json } from '../../base/canonical.ts';
import type { Fault, Place } from '../../base/fault.ts';
import { sayValue } from '../../base/say-value.ts';
import type { BuiltStage } from '../built-stage.ts';
import type { Dep } from './types.ts';
import { valueAt } from './value-at.ts';

/** What a text stands for as an input, if the stage's definition knows it as a word; undefined: it is a path or an edge. */
export type ReadRemote = (input: string, text: string, place: Place) => Dep | 'fault' | undefined;

/**
 * Reads `imagenet` and the like as a file of a hub, chosen by a param. `./imagenet` stays a path. A param's value of which
 * the definition has no file is a fault; one that is wrong in itself is told elsewhere.
 */
export function remoteReader(
  definition: BuiltStage | undefined,
  params: Readonly<Record<string, Json>>,
  faults: Fault[],
): ReadRemote {
  return (input, text, place) => {
    const words = definition?.remote?.[input];
    const choice = words !== undefined && Object.hasOwn(words, text) ? words[text] : undefined;
    if (choice === undefined) return undefined;
    const value = valueAt(params, choice.by.split('.'));
    const isKnown = typeof value === 'string' && Object.hasOwn(choice.files, value);
    const file = isKnown ? choice.files[value] : undefined;
    if (file !== undefined) return { type: 'remote', word: text, file, place };
    if (value !== undefined) {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `There is no \`${text}\` for \`${choice.by}\`: ${sayValue(value)}.`,
        place,
        hint: `Expected ${choice.by} to be one of ${Object.keys(choice.files).join(', ')}; or give a path.`,
      });
    }
    return 'fault';
  };
}
