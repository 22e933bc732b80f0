import { FaultError } from '../../../base/fault.ts';
import { classCount, type DatasetJson } from './dataset-json.ts';
import { remake } from './remake.ts';

interface LabelledSample {
  /** Name of the shard in faults. */
  readonly shard: string;
  readonly mask: { readonly name: string };
}

/**
 * TensorFlow would count an unknown label as no class at all, without a word. Each mask is looked at once: the shards do
 * not change while they are open.
 */
export class LabelCheck {
  readonly #info: DatasetJson;
  readonly #classes: number;
  readonly #isKnown: Uint8Array;
  readonly #seen = new Set<LabelledSample>();

  constructor(info: DatasetJson) {
    this.#info = info;
    this.#classes = classCount(info);
    this.#isKnown = Uint8Array.from({ length: 256 }, (_, label) =>
      label < this.#classes || label === info.ignore ? 1 : 0,
    );
  }

  /** Throws `FaultError` ERS_SHARD. `labels`: those of the sample's mask, row by row. */
  check(sample: LabelledSample, labels: Uint8Array): void {
    if (this.#seen.has(sample)) return;
    const wrong = firstUnknown(labels, this.#isKnown);
    if (wrong >= 0) throw this.#fault(sample, labels[wrong] ?? 0, wrong);
    this.#seen.add(sample);
  }

  #fault({ shard, mask }: LabelledSample, label: number, at: number): FaultError {
    const { ignore, width } = this.#info;
    return new FaultError({
      code: 'ERS_SHARD',
      message: `The mask holds the label ${label}; expected 0…${this.#classes - 1} or ${ignore}.`,
      place: {
        file: `${shard}:${mask.name}`,
        pixel: { x: at % width, y: Math.floor(at / width) },
      },
      hint: remake,
    });
  }
}

/**
 * The first place whose label `isKnown` (0 or 1 by label) does not have, or -1. Labels lie in runs, so that most of four
 * neighbours are the four before them again: a large batch is looked through in a few milliseconds of the first epoch.
 */
function firstUnknown(labels: Uint8Array, isKnown: Uint8Array): number {
  const first = (from: number, to: number): number => {
    for (let at = from; at < to; at += 1) if (isKnown[labels[at] ?? 0] === 0) return at;
    return -1;
  };
  // Words must begin at a multiple of four in memory.
  const start = Math.min((4 - (labels.byteOffset % 4)) % 4, labels.length);
  const words = new Uint32Array(labels.buffer, labels.byteOffset + start, (labels.length - start) >> 2);
  let wrong = first(0, start);
  let before: number | undefined;
  for (let at = 0; at < words.length && wrong < 0; at += 1) {
    const word = words[at];
    if (word === before) continue;
    before = word;
    wrong = first(start + 4 * at, start + 4 * at + 4);
  }
  return wrong < 0 ? first(start + 4 * words.length, labels.length) : wrong;
}
