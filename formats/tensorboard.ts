import { bytesField, doubleField, floatField, integerField } from './protobuf.ts';
import { tfRecord } from './tfrecord.ts';

/**
 * Records of TensorBoard's event files: an `Event` each (tensorflow/core/util/event.proto), with fields that are zero left
 * out, as proto3 writes them. `time` is in seconds since 1970, `step` an integer from 0.
 */

/** How a file begins: the version tells readers that `restart` counts. */
export function fileStart(time: number): Buffer {
  return record(time, 0, bytesField(3, 'brain.Event:2'));
}

/** From here on the run goes on from `step`: readers drop what earlier files say of this step and later ones. */
export function restart(time: number, step: number): Buffer {
  const start = integerField(1, 1);
  return record(time, step, bytesField(7, start));
}

/** Values of some curves, by their tags. */
export function scalars(time: number, step: number, values: Readonly<Record<string, number>>): Buffer {
  const summary = Object.entries(values).map(([tag, value]) =>
    bytesField(1, bytesField(1, tag), floatField(2, value)),
  );
  return record(time, step, bytesField(5, ...summary));
}

function record(time: number, step: number, what: Buffer): Buffer {
  const when = time === 0 ? [] : [doubleField(1, time)];
  const at = step === 0 ? [] : [integerField(2, step)];
  return tfRecord(Buffer.concat([...when, ...at, what]));
}
