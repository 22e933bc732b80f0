import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../../../base/fault.ts';
import { loadPipeline } from '../../../engine/definition/load.ts';
import type { Pipeline } from '../../../engine/definition/types.ts';
import { buildAll } from '../../build/run-build.ts';
import { Tree } from '../../build/tree.ts';

const scan = `
import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
export const definition = defineStage({
  name: 'scan',
  does: 'lists what is there',
  params: Type.Object({
    names: Type.Object({ images: Type.String({ minLength: 1 }), masks: Type.String() }),
    classes: Type.Array(Type.Object({ value: Type.Integer({ minimum: 0, maximum: 255 }), name: Type.String() }), { minItems: 2 }),
  }),
  deps: { dataset: 'required' },
  outs: { catalog: 'file', report: 'file' },
});`;

const train = `
import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
export const definition = defineStage({
  name: 'train',
  does: 'learns',
  params: Type.Object({
    model: Type.Object({
      encoder_name: Type.Union([Type.Literal('resnet18'), Type.Literal('resnet34')]),
      decoder_channels: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 5, maxItems: 5 }),
    }),
    train: Type.Object({
      seed: Type.Integer(),
      max_epochs: Type.Integer({ minimum: 1 }),
      batch_size: Type.Integer({ minimum: 1, maximum: 512, default: 8 }),
      lr: Type.Number({ exclusiveMinimum: 0, description: 'size of a step' }),
      stop: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
    }),
  }),
  deps: { data: 'required', encoder: 'optional' },
  outs: { model: 'folder', history: 'file' },
  runtime: 'tensorflow',
});`;

/** A pipeline without a fault; tests damage it. */
export const goodPipeline = `config: config.yaml
stages:
  scan:
    uses: scan
    deps: { dataset: '\${dataset.root}' }
    params: [names, classes]
    outs: { catalog: catalog.json, report: report.html }
  train:
    uses: train
    deps: { data: 'scan:catalog', encoder: '\${model.encoder_weights}' }
    params: [model, train]
    outs: { model: model/, history: history.jsonl }
    metrics: [history]
  plot:
    cmd: [python, plot.py, '{deps.history}', '{outs.plot}', '{params.plot}']
    deps: { history: 'train:history', code: plot.py }
    params: [plot]
    outs: { plot: plot.png }
default: [plot]
`;

export const goodConfig = `dataset:
  root: data/mine
names:
  images: images/{name}.png
  masks: masks/{name}.png
classes:
  - { value: 0, name: land }
  - { value: 1, name: sea }
model:
  encoder_name: resnet34
  encoder_weights: null
  decoder_channels: [256, 128, 64, 32, 16]
train:
  seed: 17
  max_epochs: 10
  lr: 1e-3
  stop: null
plot: { title: Loss }
`;

/** Two built stages, and a folder to write pipelines into. */
export class Fixture {
  readonly #tree: Tree;
  readonly dist: string;

  /** `more`: files of further stages. */
  constructor(more: Readonly<Record<string, string>> = {}) {
    this.#tree = new Tree({
      'stages/scan/definition.ts': scan,
      'stages/scan/run.ts': 'export const run = 1;',
      'stages/train/definition.ts': train,
      'stages/train/run.ts': 'export const run = 2;',
      ...more,
    });
    this.dist = join(this.#tree.root, 'dist');
  }

  async build(): Promise<void> {
    await buildAll(this.#tree.root);
  }

  remove(): void {
    this.#tree.remove();
  }

  /** Loads what is given, from a new folder. */
  async load(
    pipeline: string | Uint8Array = goodPipeline,
    config: string | Uint8Array = goodConfig,
    set: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly root: string; readonly pipeline?: Pipeline; readonly faults: readonly Fault[] }> {
    const root = mkdtempSync(join(this.#tree.root, 'project-'));
    writeFileSync(join(root, 'pipeline.yaml'), pipeline);
    writeFileSync(join(root, 'config.yaml'), config);
    const result = await loadPipeline({ file: join(root, 'pipeline.yaml'), set, dist: this.dist, env });
    const relative = (place: Fault['place']) =>
      place === undefined ? {} : { ...place, file: place.file.replace(`${root}/`, '') };
    if (result.ok) return { root, pipeline: result.value, faults: [] };
    return {
      root,
      faults: result.faults.map((fault) => ({
        ...fault,
        message: fault.message.replaceAll(`${root}/`, ''),
        ...(fault.hint === undefined ? {} : { hint: fault.hint.replaceAll(`${root}/`, '') }),
        ...(fault.place === undefined ? {} : { place: { file: '', ...relative(fault.place) } }),
        ...(fault.also === undefined ? {} : { also: { file: '', ...relative(fault.also) } }),
      })),
    };
  }

  /** The faults as lines: `CODE file:line:column message | hint`. */
  async faults(...what: Parameters<Fixture['load']>): Promise<readonly string[]> {
    const { faults } = await this.load(...what);
    return faults.map(sayFault);
  }
}

function sayFault({ code, place, also, message, hint }: Fault): string {
  const at = (where: Fault['place']) =>
    where === undefined
      ? ''
      : `${where.file}${where.line === undefined ? '' : `:${where.line}:${where.column ?? 0}`}`;
  const second = also === undefined ? '' : ` (and ${at(also)})`;
  return `${code} ${at(place)} ${message}${second}${hint === undefined ? '' : ` | ${hint}`}`;
}

/** `text` with `from`, which must stand in it once, replaced. */
export function edit(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`Internal error: expected ${from} once`);
  return text.replace(from, () => to);
}
