/** A pipeline that every tool can be told in its own words. Stages stand after those that they read. */
export interface Project {
  readonly stages: readonly Stage[];
}

export interface Stage {
  readonly name: string;
  /** For `sh`; `<data>` and `<model>` stand for the paths of the input and the out of that name. */
  readonly cmd: string;
  /** Name → relative path; a folder's ends in `/`. It is an out of a stage above, or lies there before. */
  readonly ins: Readonly<Record<string, string>>;
  readonly outs: Readonly<Record<string, string>>;
}

/** The stage's command with each name in angle brackets replaced by what `say` gives for it. */
export function commandOf(
  { cmd, ins, outs }: Stage,
  say: (name: string, path: string, side: 'ins' | 'outs') => string,
): string {
  return cmd.replace(/<(\w+)>/g, (_, name: string) => {
    const [path, side] = name in ins ? ([ins[name], 'ins'] as const) : ([outs[name], 'outs'] as const);
    if (path === undefined) throw new Error(`Internal error: no input or out is named ${name}`);
    return say(name, path.replace(/\/$/, ''), side);
  });
}

/** The stage and out that a path is made by; undefined for a file that lies there before. */
export function makerOf(
  { stages }: Project,
  path: string,
): { readonly stage: string; readonly out: string } | undefined {
  for (const { name, outs } of stages) {
    const out = Object.keys(outs).find((key) => outs[key] === path);
    if (out !== undefined) return { stage: name, out };
  }
  return undefined;
}

/** Stages that no other reads from. */
export function lastStages({ stages }: Project): readonly Stage[] {
  const read = new Set(stages.flatMap(({ ins }) => Object.values(ins)));
  return stages.filter(({ outs }) => !Object.values(outs).some((path) => read.has(path)));
}

/** Many small files, and three stages that hardly compute: what is measured is the tool. */
export const chain: Project = {
  stages: [
    {
      name: 'prep',
      cmd: 'find <data>/ -type f | wc -l > <manifest>',
      ins: { data: 'data/' },
      outs: { manifest: 'manifest.txt' },
    },
    {
      name: 'train',
      cmd: 'cat <manifest> > <model>',
      ins: { manifest: 'manifest.txt' },
      outs: { model: 'model.bin' },
    },
    {
      name: 'eval',
      cmd: 'cat <model> > <metrics>',
      ins: { model: 'model.bin' },
      outs: { metrics: 'metrics.txt' },
    },
  ],
};

/** Two stages of two seconds that need not wait for each other. */
export const pair: Project = {
  stages: ['left', 'right'].map((name) => ({
    name,
    cmd: `sleep 2; cat <seed> > <${name}>`,
    ins: { seed: 'seed.txt' },
    outs: { [name]: `${name}.txt` },
  })),
};
