import { join } from 'node:path';
import { fail, ok, type Result } from '../base/fault.ts';
import { runProgram } from './install/program.ts';
import { addonFile } from './load.ts';
import { tensorFlowEnv } from './env.ts';

export interface Probed {
  readonly version: string;
  readonly usesGpu: boolean;
}

/** Loads the addon, adds two numbers and says what it saw; a script, because the process may crash. */
const script = `
const addon = { exports: {} };
process.dlopen(addon, process.argv[1], 2);
const tf = addon.exports;
const two = tf.createTensor([2], 1, new Float32Array([2, 40]));
const [sum] = tf.executeOp('AddV2', [{ name: 'T', type: 4, value: 1 }], [two, two], 1);
const [a, b] = tf.tensorDataSync(sum.id);
if (a !== 4 || b !== 80) throw new Error('2+2 gave ' + a);
console.log(JSON.stringify({ version: tf.TF_Version, usesGpu: tf.isUsingGpuDevice() }));
`;

/**
 * Loads a runtime in a process of its own and computes with it.
 * Fault: ERS_RUNTIME_DAMAGED with the loader's words.
 */
export async function probeRuntime(dir: string, signal: AbortSignal): Promise<Result<Probed>> {
  const result = await runProgram(process.execPath, ['-e', script, join(dir, addonFile)], {
    signal,
    env: { ...process.env, ...tensorFlowEnv(), TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  const said = /^\{"version":"([^"]+)","usesGpu":(true|false)\}$/m.exec(result.output);
  if (result.code === 0 && said?.[1] !== undefined) {
    return ok({ version: said[1], usesGpu: said[2] === 'true' });
  }
  const reason =
    /^(?:\w*Error): (.*)$/m.exec(result.output)?.[1] ?? result.output.trim().split('\n').at(-1) ?? '';
  return fail({
    code: 'ERS_RUNTIME_DAMAGED',
    message: `Native TensorFlow does not work on this machine: ${reason === '' ? 'the process crashed' : reason}`,
    place: { file: dir },
    hint: 'Run `npx ers doctor --deep`, and `npx ers setup` to repair it.',
  });
}
