import { examine, type Health } from '../runtime/doctor.ts';
import { tensorCores } from '../runtime/nvidia-smi.ts';
import { faultLines } from '../ui/fault-lines.ts';
import { sayBytes } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import type { SetupIo } from './setup.ts';

export interface DoctorCommandOptions {
  readonly json?: boolean;
  /** Hash every file of the runtime. */
  readonly deep?: boolean;
}

/** `ers doctor`: what this machine has and what to do. Exit code 0 if a run is possible now or after `ers setup`. */
export async function doctor(options: DoctorCommandOptions, io: SetupIo): Promise<number> {
  const health = await examine({
    deep: options.deep === true,
    project: process.cwd(),
    env: process.env,
    signal: io.signal,
  });
  io.out(options.json === true ? `${JSON.stringify(health, null, 2)}\n` : table(health));
  return health.faults.length === 0 ? exitCodes.ok : exitCodes.failed;
}

type Mark = '✓' | '✗' | '·';
type Row = readonly [mark: Mark, what: string, value: string];

/** The report as an aligned table, then everything that has to be mended. */
export function table(health: Health): string {
  const rows: readonly Row[] = [
    nodeRow(health.node),
    ['✓', 'Platform', `${health.platform}${health.glibc === null ? '' : `, glibc ${health.glibc}`}`],
    ['✓', 'Processor', `${health.processor.model}, ${health.processor.cores} cores`],
    ['·', '  features', health.processor.features.join(' ') || 'unknown'],
    ['✓', 'Memory', sayBytes(health.memory)],
    ...health.disk.map(({ of, folder, free }): Row => [
      of === 'runtime' && health.faults.some(({ code }) => code === 'ERS_RUNTIME_DISK') ? '✗' : '✓',
      `Disk (${of})`,
      `${sayBytes(free)} free at ${folder}`,
    ]),
    ...gpuRows(health),
    [health.compiler === null ? '✗' : '✓', 'C++ compiler', health.compiler ?? 'none'],
    [health.pip === null ? '✗' : '✓', 'pip', health.pip ?? 'none'],
    ...tensorFlowRows(health),
    ...health.unused.map(({ dir, bytes }): Row => [
      '·',
      '  not used',
      `${dir} (${sayBytes(bytes)}), \`rm -r\` frees it`,
    ]),
  ];
  const width = Math.max(...rows.map(([, what]) => what.length));
  const lines = rows.map(([mark, what, value]) => `${mark} ${what.padEnd(width)}  ${value}`);
  return `${[...lines, '', ...advice(health)].join('\n')}\n`;
}

function nodeRow(version: string): Row {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < 20 || (major === 20 && minor < 19);
  return [old ? '✗' : '✓', 'Node', old ? `${version}; expected 20.19 or newer` : version];
}

function gpuRows(health: Health): readonly Row[] {
  if (health.gpus.length === 0) return [['·', 'GPU', 'no NVIDIA GPU: training runs on the processor']];
  return health.gpus.flatMap((gpu): readonly Row[] => {
    const cores = tensorCores(gpu);
    return [
      ['✓', 'GPU', `${gpu.name}, driver ${gpu.driver}`],
      ...(cores === null ? [] : [['·', '  tensor cores', cores] as const]),
    ];
  });
}

function tensorFlowRows({ tensorflow, gpus, faults }: Health): readonly Row[] {
  const name = `${tensorflow.version}${tensorflow.variant === null ? '' : ` (${tensorflow.variant})`}`;
  const dir = tensorflow.dir ?? '';
  switch (tensorflow.state) {
    case 'works': {
      const device = tensorflow.usesGpu ? 'the GPU' : 'the processor';
      const idle = gpus.length > 0 && !tensorflow.usesGpu;
      const note = idle ? ' although there is a GPU: `npx ers setup --gpu`' : '';
      return [
        ['✓', 'TensorFlow', `${name}, computes on ${device}${note}`],
        ['·', '  folder', `${dir} (${sayBytes(tensorflow.bytes)})`],
      ];
    }
    case 'missing':
      return [
        [
          '·',
          'TensorFlow',
          `${name}, not installed yet${faults.length > 0 ? '' : ': the first run or `npx ers setup` does it'}`,
        ],
      ];
    case 'damaged':
      return [
        [
          '✗',
          'TensorFlow',
          `${name}, damaged: ${tensorflow.why ?? ''}; the next run or \`npx ers setup\` repairs it`,
        ],
      ];
    case 'broken':
      return [['✗', 'TensorFlow', `${name}, does not work: ${tensorflow.why ?? ''}`]];
    case 'unsupported':
      return [['✗', 'TensorFlow', `${name}, not available for this machine`]];
  }
}

function advice({ faults, tensorflow }: Health): readonly string[] {
  if (faults.length > 0) return faults.flatMap(faultLines);
  return [
    tensorflow.state === 'works'
      ? 'All that `npx ers run` needs is there.'
      : '`npx ers run` can work: it installs TensorFlow first.',
  ];
}
