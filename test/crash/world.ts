import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Pipeline } from '../../engine/definition/types.ts';
import type { RunRequest } from '../../engine/index.ts';
import { bundleTo } from '../engine/bundle.ts';
import { pipelineOf, write, type Sketch } from '../engine/pipelines.ts';

/**
 * Three stages that between them read a file, a folder, an out and a part of one, write files and folders, and leave
 * a checkpoint. Whatever is killed and taken up again, the bytes are the same.
 */
const sketches: Readonly<Record<string, Sketch>> = {
  cut: {
    cmd: `mkdir -p {outs.tiles}/a/b; cat {deps.scene}/* > {outs.tiles}/a/b/1; cat {deps.scene}/* > {outs.tiles}/2; wc -c < {deps.table} > {outs.size}`,
    deps: { scene: 'scene', table: 'table.csv' },
    outs: { tiles: 'tiles/', size: 'size.txt' },
  },
  fit: {
    cmd: `test -e "$ERS_CHECKPOINT/half" || cat {deps.part}/b/1 > "$ERS_CHECKPOINT/half"; cat "$ERS_CHECKPOINT/half" > {outs.model}`,
    deps: { part: 'cut:tiles/a' },
    outs: { model: 'model.bin' },
  },
  score: {
    cmd: `echo '{"size":'"$(cat {deps.size})"'}' > {outs.metrics}; cat {deps.model} > {outs.copy}`,
    deps: { model: 'fit:model', size: 'cut:size' },
    outs: { metrics: 'metrics.json', copy: 'copy.bin' },
    metrics: ['metrics'],
  },
};

/** Makes a new folder in `home` with the inputs, and the pipeline on them. */
export function world(home: string): Pipeline {
  const root = realpathSync(mkdtempSync(join(home, 'world-')));
  write(root, 'scene/x.txt', 'x\n');
  write(root, 'scene/y.txt', 'y\n');
  write(root, 'table.csv', 'a,b\n');
  return pipelineOf(root, sketches);
}

/** An engine of its own process, which dies at a crash point. */
export interface Crasher {
  /** Runs the pipeline, or collects its store; resolves to the signal that ended it, or its exit code. */
  readonly run: (
    pipeline: Pipeline,
    point: string,
    what?: 'run' | 'gc',
    options?: { readonly request?: Partial<RunRequest>; readonly env?: NodeJS.ProcessEnv },
  ) => Promise<string | number | null>;
}

/** `home`: where its program is put. */
export async function crasher(home: string): Promise<Crasher> {
  const engine = join(home, 'engine.mjs');
  await bundleTo(engine, join(import.meta.dirname, '../engine/engine-process.ts'));
  return {
    run: async (pipeline, point, what = 'run', { request = {}, env = process.env } = {}) => {
      const file = join(pipeline.root, '..', `${basename(pipeline.root)}.json`);
      writeFileSync(file, JSON.stringify({ ...pipeline, stages: [...pipeline.stages] }));
      const child = spawn(process.execPath, [engine, file, what, JSON.stringify(request)], {
        env: { ...env, ERS_TEST_CRASH_AT: point },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      return signal ?? code;
    },
  };
}

/** Every path below a folder, hidden ones included, sorted; links with where they lead. */
export function listing(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below))
    .toSorted()
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      const stats = lstatSync(join(folder, path));
      if (stats.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(folder, path))}`];
      return stats.isDirectory() ? [`${path}/`, ...listing(folder, path)] : [path];
    });
}

/** The outs' bytes: path → text. */
export function bytes(pipeline: Pipeline): Readonly<Record<string, string>> {
  const paths = [
    'cut/tiles/a/b/1',
    'cut/tiles/2',
    'cut/size.txt',
    'fit/model.bin',
    'score/metrics.json',
    'score/copy.bin',
  ];
  return Object.fromEntries(
    paths.map((path) => [path, readFileSync(join(pipeline.root, 'artifacts', path), 'utf8')]),
  );
}

export const cleanBytes: Readonly<Record<string, string>> = {
  'cut/tiles/a/b/1': 'x\ny\n',
  'cut/tiles/2': 'x\ny\n',
  'cut/size.txt': '4\n',
  'fit/model.bin': 'x\ny\n',
  'score/metrics.json': '{"size":4}\n',
  'score/copy.bin': 'x\ny\n',
};
