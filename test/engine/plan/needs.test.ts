import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import type { Stage } from '../../../engine/definition/types.ts';
import { machineOf, needsOf, unmetNeeds, type Machine } from '../../../engine/plan/needs.ts';
import { pipelineOf, type Sketch } from '../pipelines.ts';

const pipeline = (sketch: Partial<Sketch>, slots: Readonly<Record<string, number>> = {}) =>
  pipelineOf('/project', { stage: { outs: { out: 'out' }, ...sketch } }, { slots });

function stageOf(sketch: Partial<Sketch>): Stage {
  const [stage] = pipeline(sketch).stages.values();
  if (stage === undefined) throw new Error('no stage');
  return stage;
}

/** A built-in stage with a native runtime. */
const native: Stage['program'] = {
  type: 'uses',
  definition: {
    name: 'train',
    does: '',
    deps: {},
    outs: { out: 'file' },
    params: [],
    runtime: 'tensorflow',
    bundle: 'train.mjs',
    workers: {},
    code: { bundles: {}, modules: {}, packages: {} },
  },
};

const machine = (gpus: readonly string[], hides = gpus.length > 0): Machine => ({ gpus, hides, slots: {} });
const withVariable = (value: string) => machineOf(pipeline({}), { CUDA_VISIBLE_DEVICES: value }).gpus;

test("the engine's own CUDA_VISIBLE_DEVICES is the list of GPUs, up to the first name of none", () => {
  expect(withVariable('2,0')).toEqual(['2', '0']);
  expect(withVariable(' 1 , 1,3')).toEqual(['1', '3']);
  expect(withVariable('GPU-8932f937,MIG-GPU-8932/1/0')).toEqual(['GPU-8932f937', 'MIG-GPU-8932/1/0']);
  expect(withVariable('0,-1,1')).toEqual(['0']);
  for (const none of ['', '-1', 'NoDevFiles']) expect(withVariable(none)).toEqual([]);
});

test('slots of the pipeline state capacities, and can hide GPUs but not make any', () => {
  const env = { CUDA_VISIBLE_DEVICES: '4,5,6' };
  expect(machineOf(pipeline({}, { gpu: 2, licence: 3 }), env)).toMatchObject({
    gpus: ['4', '5'],
    slots: { licence: 3 },
  });
  expect(machineOf(pipeline({}, { gpu: 9 }), env).gpus).toEqual(['4', '5', '6']);
  const { mem = 0 } = machineOf(pipeline({}), env).slots;
  expect(mem).toBeGreaterThan(0);
  expect(mem).toBeLessThanOrEqual(totalmem());
  expect(machineOf(pipeline({}, { mem: 7 }), env).slots).toMatchObject({ mem: 7 });
});

test('a stage that asks for GPUs gets as many; without one in the machine it runs on the processor, one at a time', () => {
  const asks = stageOf({ resources: { gpu: 2, mem: 5 } });
  expect(needsOf(asks, machine(['0', '1']))).toEqual({ amounts: { gpu: 2, mem: 5 }, gpus: 2 });
  expect(needsOf(asks, machine([]))).toEqual({ amounts: { mem: 5, '(processor)': 1 }, gpus: null });
  expect(needsOf(asks, machine([], true))).toEqual({ amounts: { mem: 5, '(processor)': 1 }, gpus: 0 });
});

test('a stage with a native runtime takes one GPU unless it asks for none; a program takes only what it asks for', () => {
  const gpus = machine(['0', '1']);
  expect(needsOf(stageOf({ program: native }), gpus)).toEqual({ amounts: { gpu: 1 }, gpus: 1 });
  expect(needsOf(stageOf({ program: native, resources: { gpu: 0 } }), gpus)).toEqual({
    amounts: { '(processor)': 1 },
    gpus: 0,
  });
  expect(needsOf(stageOf({}), gpus)).toEqual({ amounts: {}, gpus: null });
  expect(needsOf(stageOf({ resources: { gpu: 0 } }), gpus)).toEqual({ amounts: {}, gpus: 0 });
});

test('a stage that asks for more than there is has a fault that says what there is', () => {
  const unmet = (sketch: Partial<Sketch>, slots: Readonly<Record<string, number>> = {}) => {
    const asked = pipeline(sketch, slots);
    const env = { CUDA_VISIBLE_DEVICES: '0,1' };
    return [...unmetNeeds({ pipeline: asked, env }, [...asked.stages.values()]).values()].flat();
  };
  expect(unmet({ resources: { gpu: 3 } })).toMatchObject([
    { code: 'ERS_RESOURCES', message: 'stage asks for 3 of `gpu`, and there are 2.' },
  ]);
  expect(unmet({ resources: { licence: 2 } })).toMatchObject([
    {
      message: 'stage asks for 2 of `licence`, and there is 1.',
      hint: 'There is 1 of what pipeline.yaml does not count; state how many: `slots: { licence: … }`.',
    },
  ]);
  expect(unmet({ resources: { licence: 2 } }, { licence: 2 })).toEqual([]);
  expect(unmet({ resources: { mem: 8.04e9 } }, { mem: 8.03e9 })).toMatchObject([
    { code: 'ERS_RESOURCES', message: 'stage asks for 8.1G of `mem`, and this machine has 8G.' },
  ]);
});
