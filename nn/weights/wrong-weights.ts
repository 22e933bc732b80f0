import type { Fault } from '../../base/fault.ts';

const shown = 5;

/** The fault for a file whose keys or shapes do not fit: it names the first few. */
export function wrongWeights(what: string, problems: readonly string[], file: string): Fault {
  const more = problems.length > shown ? ` (and ${problems.length - shown} more)` : '';
  return {
    code: 'ERS_WEIGHTS',
    message: `${what}: ${problems.slice(0, shown).join('; ')}${more}.`,
    place: { file },
    hint: 'Keys must be those of torchvision (conv1.weight) or of smp (encoder.conv1.weight), of the same architecture.',
  };
}
