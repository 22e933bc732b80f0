import { asFloats, floats, type SafeTensor } from '../../formats/safetensors.ts';

/**
 * The filters O×3×K×K of a network that was trained on red, green and blue, made fit for `channels` bands, as
 * segmentation_models_pytorch does (encoders/_utils.py, `patch_first_conv`, 0.6.0): for one band the three are added up; for n
 * bands they repeat in turn and are scaled by 3/n, so that equal bands give what equal colours gave.
 */
export function patchFirstConv(filters: SafeTensor, channels: number): SafeTensor {
  const [outputs, inputs, rows, columns] = filters.shape;
  if (outputs === undefined || inputs !== 3 || rows === undefined || columns === undefined) {
    throw new Error(`Internal error: filters of ${filters.shape.join('×')} see no three channels`);
  }
  const old = asFloats(filters);
  const places = rows * columns;
  const patched = new Float32Array(outputs * channels * places);
  const at = (output: number, colour: number, place: number) =>
    old[(output * 3 + colour) * places + place] ?? 0;
  const scale = Math.fround(3 / channels);
  for (let output = 0; output < outputs; output += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let place = 0; place < places; place += 1) {
        patched[(output * channels + channel) * places + place] =
          channels === 1
            ? Math.fround(at(output, 0, place) + at(output, 1, place)) + at(output, 2, place)
            : at(output, channel % 3, place) * scale;
      }
    }
  }
  return floats([outputs, channels, rows, columns], patched);
}
