import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../../engine/experiments/experiment.ts';
import { ers, type Outcome } from './project.ts';
import { tempFolder } from '../temp-folder.ts';

/** A project of `draw`, which reads `letter`, and `score`, which reads `times` and fails where it is 0. */
export interface SweepProject {
  readonly folder: string;
  readonly ers: (...args: readonly string[]) => Outcome;
  readonly write: (file: string, text: string) => void;
  readonly read: (file: string) => string;
  readonly experiment: (name: string) => Experiment;
  readonly experiments: () => readonly string[];
  /** What a plain run shows: links of artifacts, keys in use, pipeline.lock. */
  readonly shown: () => unknown;
}

export const config = `# what is drawn
letter: a # one letter

size: { times: 1, unit: px }
`;

const writeText =
  'const [, file, letter] = process.argv; require("fs").writeFileSync(file, letter.repeat(3))';
const writeScore =
  'const [, text, file, times] = process.argv; if (times === "0") process.exit(3); require("fs").writeFileSync(file, JSON.stringify({ score: times * require("fs").readFileSync(text).length, half: times / 2, loss: -times }))';

/** A project whose folder goes when the test ends. `draw` may be another command. */
export function sweepProject(draw?: readonly string[]): SweepProject {
  const folder = tempFolder('ers-sweep-');
  return sweepProjectIn(folder, draw);
}

/** The same in a folder that is there, for several tests. */
export function sweepProjectIn(
  folder: string,
  draw: readonly string[] = ['node', '-e', writeText, '{outs.text}', '{params.letter}'],
): SweepProject {
  const score = ['node', '-e', writeScore, '{deps.text}', '{outs.metrics}', '{params.size.times}'];
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    `config: config.yaml
stages:
  draw:
    cmd: ${JSON.stringify(draw)}
    params: [letter]
    outs: { text: text.txt }
  score:
    cmd: ${JSON.stringify(score)}
    deps: { text: 'draw:text' }
    params: [size]
    outs: { metrics: metrics.json }
    metrics: [metrics]
default: [score]
`,
  );
  writeFileSync(join(folder, 'config.yaml'), config);
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const there = (path: string): readonly string[] => {
    try {
      return readdirSync(join(folder, path)).sort();
    } catch {
      return [];
    }
  };
  return {
    folder,
    read,
    ers: (...args) => ers(folder, args),
    write: (file, text) => writeFileSync(join(folder, file), text),
    experiment: (name) => JSON.parse(read(`.ers/experiments/${name}.json`)) as Experiment,
    experiments: () =>
      there('.ers/experiments')
        .map((name) => name.replace(/\.json$/, ''))
        .sort(),
    shown: () => ({
      links: ['draw/text.txt', 'score/metrics.json'].map((path) => {
        const [stage = '', file = ''] = path.split('/');
        return there(`artifacts/${stage}`).includes(file)
          ? readlinkSync(join(folder, 'artifacts', path))
          : null;
      }),
      keys: there('.ers/current').map((name) => read(`.ers/current/${name}`)),
      lock: there('.').includes('pipeline.lock') ? read('pipeline.lock') : null,
    }),
  };
}
