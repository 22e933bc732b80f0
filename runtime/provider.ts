import { availableParallelism } from 'node:os';
import type { Json } from '../base/canonical.ts';
import type { Result } from '../base/fault.ts';
import { tensorFlowEnv, tf32Variable } from './env.ts';
import { runtimeName, type Emit } from './events.ts';
import { ensureRuntime } from './install/ensure.ts';
import { loadedDriver } from './gpu.ts';
import { processor } from './machine.ts';
import { tensorFlowVersion } from './pins.ts';
import { runtimeBase } from './place.ts';
import { rememberedDevice, variantFor, type Device } from './variant.ts';

export interface ProviderOptions {
  /** Which device to install for; without it what `ers setup` chose before, else the GPU where there is one. */
  readonly variant?: Device;
  /** Threads that TensorFlow uses in a stage's process; as many as there are cores without it. Results' bits depend on it. */
  readonly threads?: number;
}

/** Native TensorFlow as the engine sees a runtime: structurally `RuntimeProvider` of engine/runtime-provider.ts. */
export interface TensorFlowProvider {
  readonly name: string;
  version(): string;
  fingerprint(): Readonly<Record<string, Json>> | null;
  ensure(
    emit: Emit,
    signal: AbortSignal,
  ): Promise<
    Result<{
      readonly dir: string;
      readonly fingerprint: Readonly<Record<string, Json>>;
      readonly env: Readonly<Record<string, string>>;
      readonly noise: readonly RegExp[];
    }>
  >;
}

/**
 * What absl, TensorFlow's logging library, prints before its log level is set: information and warnings.
 * Errors (`E0000`) and what ends the process (`F0000`) are none of it.
 */
const noise: readonly RegExp[] = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /^[IW]0000 00:00:\d/,
];

export function tensorflowProvider(options: ProviderOptions = {}): TensorFlowProvider {
  // Told to TensorFlow even where it is all cores: what it finds itself may be another number than what is recorded.
  const threads = options.threads ?? availableParallelism();
  return {
    fingerprint: () => {
      const variant = variantFor(process, options.variant, rememberedDevice(runtimeBase()));
      return variant.ok ? fingerprintOf(tensorFlowVersion, variant.value, threads) : null;
    },
    name: runtimeName,
    version: () => tensorFlowVersion.split('.').slice(0, 2).join('.'),
    ensure: async (emit, signal) => {
      const { variant } = options;
      const installed = await ensureRuntime({ emit, signal, ...(variant === undefined ? {} : { variant }) });
      if (!installed.ok) return installed;
      const { dir, version } = installed.value;
      const env = tensorFlowEnv(threads);
      return {
        ok: true,
        value: {
          dir,
          env,
          noise,
          fingerprint: fingerprintOf(version, installed.value.variant, threads),
        },
      };
    },
  };
}

/** All that can change the last bits of a result. */
function fingerprintOf(version: string, variant: string, threads: number): Readonly<Record<string, Json>> {
  const { model, features } = processor();
  return {
    tensorflow: version,
    variant,
    processor: model,
    features,
    onednn: tensorFlowEnv(threads)['TF_ENABLE_ONEDNN_OPTS'] ?? 'default',
    threads,
    ...(variant.endsWith('-gpu')
      ? { tf32: tensorFlowEnv()[tf32Variable] ?? 'default', ...loadedDriver() }
      : {}),
  };
}
