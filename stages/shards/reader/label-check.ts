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
    for (let at = 0; at < labels.length; at += 1) {
      const label = labels[at] ?? 0;
      if (this.#isKnown[label] === 0) throw this.#fault(sample, label, at);
    }
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
