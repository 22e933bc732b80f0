import type { Fault } from '../../base/fault.ts';
import type { Stage } from '../definition/types.ts';

/** What Node reads in the place of bytes that are no UTF-8, whichever they are. */
const replacement = '\uFFFD';

/**
 * ERS_INPUT_KIND for each declared variable whose value is not text in UTF-8: two different ones are read as the same
 * text, so that they would share a key, and the stage would get neither.
 */
export function unreadableValues(
  { name: stage, env, place }: Stage,
  from: NodeJS.ProcessEnv,
): readonly Fault[] {
  return env
    .filter((name) => from[name]?.includes(replacement))
    .map((name) => ({
      code: 'ERS_INPUT_KIND',
      message: `The environment variable ${name}, which ${stage} declares, is no text in UTF-8 (or holds U+FFFD, the sign for that).`,
      place,
      hint: `Set ${name} to text in UTF-8, or give the stage those bytes in a file that stands in its deps.`,
    }));
}
