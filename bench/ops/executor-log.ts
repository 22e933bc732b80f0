/** One run of one op, as TensorFlow's executor logged it. */
export interface OpRun {
  /** Number of the call into the session: all ops of a training step have the same. */
  readonly call: number;
  /** The op after TensorFlow's own rewriting of the graph. */
  readonly op: string;
  readonly milliseconds: number;
}

/** What makes TensorFlow log when each op begins and ends, and run one op at a time, so that their times add up. */
export const loggingEnv = {
  TF_CPP_MIN_LOG_LEVEL: '0',
  TF_CPP_MAX_VLOG_LEVEL: '0',
  TF_CPP_VMODULE: 'executor=2',
  TF_NUM_INTEROP_THREADS: '1',
} as const;

/** `I0000 00:00:1795439494.103824     859 executor.cc:879] Process node: 141 step 6 {{node NAME}} = OP[attributes`. */
const line =
  /^I\d+ (?:\d+:)*(\d+\.\d+) .*executor\.cc:\d+\] (Process node|Synchronous kernel done): (\d+) step (\d+) \{\{node [^}]*\}\} = ([^[(]+)/;

/** The ops of a log in the order of their ends. Other lines are passed over, and so is an op that has no end. */
export function readExecutorLog(text: string): OpRun[] {
  const began = new Map<string, number>();
  return text.split('\n').flatMap((row): OpRun[] => {
    const found = line.exec(row);
    if (found === null) return [];
    const [, seconds, what, node = '', call = '', op = ''] = found;
    const key = `${call} ${node}`;
    if (what === 'Process node') {
      began.set(key, Number(seconds));
      return [];
    }
    const start = began.get(key);
    return start === undefined
      ? []
      : [{ call: Number(call), op, milliseconds: 1000 * (Number(seconds) - start) }];
  });
}
