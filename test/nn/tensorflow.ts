import { tensorFlowEnv } from '../../runtime/env.ts';
import { loadTensorFlow, type TensorFlow } from '../../runtime/load.ts';
import { installedRuntime } from '../runtime/installed.ts';

/** The folder of the real runtime, with the environment that the engine would give. Use in `beforeAll` with `installLimit`. */
export async function runtimeForTests(): Promise<string> {
  Object.assign(process.env, tensorFlowEnv());
  return installedRuntime();
}

/** Native TensorFlow in this test's process. */
export async function tensorFlowForTests(): Promise<TensorFlow> {
  return loadTensorFlow(await runtimeForTests());
}
