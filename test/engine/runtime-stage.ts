import { sha256 } from '../../base/digest.ts';
import { ok } from '../../base/fault.ts';
import type { Stage } from '../../engine/definition/types.ts';
import type { RuntimeProvider } from '../../engine/runtime-provider.ts';

/** A stage that needs TensorFlow's runtime and runs `bundle`, the text of stages/train.mjs of a `fakeDist`. */
export function runtimeStage(bundle: string): Stage['program'] {
  return {
    type: 'uses',
    definition: {
      ...{ name: 'train', does: '', deps: {}, outs: {}, params: [], workers: {} },
      runtime: 'tensorflow',
      bundle: 'stages/train.mjs',
      code: { bundles: { run: sha256(bundle) }, modules: {}, packages: {} },
    },
  };
}

/** A runtime that is there already and is told apart by `fingerprint`. */
export function runtimeOf(fingerprint: Readonly<Record<string, string | number>>): RuntimeProvider {
  return {
    name: 'tensorflow',
    version: () => '2.21',
    fingerprint: () => fingerprint,
    ensure: () => Promise.resolve(ok({ dir: '/opt/tf', fingerprint, env: {} })),
  };
}
