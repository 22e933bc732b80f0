/**
 * Every named instant at which a test may kill this process, in the order in which a run, `gc` and their like come by.
 * `X:written` lies before a file or link is renamed into place, `X:there` after.
 */
export const crashPoints = [
  // a run begins
  'store:made',
  'roots:written',
  'roots:there',
  'live:written',
  'live:there',
  'live:relied',
  'sweep:ended',
  'park:begun',
  'remove:begun',
  'plan:drafted',
  'quarantine:moved',
  // an attempt
  'attempt:begun',
  'attempt:written',
  'attempt:there',
  'attempt:alone',
  'clock:made',
  'attempt:copied',
  'attempt:stamped',
  'checkpoint:taken',
  'log:made',
  'log:written',
  'child:started',
  'child:known',
  'child:ended',
  'child:alone',
  'result:seen',
  'inputs:checked',
  'live:storing',
  // its outs become trees
  'adopt:begun',
  'adopt:moved',
  'adopt:staged',
  'adopt:synced',
  'adopt:hashed',
  'manifest:written',
  'adopt:manifest',
  'adopt:published',
  'adopt:ended',
  // its record
  'commit:written',
  'commit:linked',
  'commit:ended',
  'attempt:published',
  'attempt:removed',
  // what shows it
  'link:written',
  'link:there',
  'used:stamped',
  // a small file of the project: current, inputs, pins, pipeline.lock
  'file:written',
  'file:there',
  'index:written',
  'index:there',
  'live:left',
  'run:ended',
  // gc
  'trash:written',
  'collecting:written',
  'gc:begun',
  'gc:moved',
  'gc:asked',
  'trash:doomed',
  'leftovers:begun',
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** The like of a stage's process, before it listens to signals. */
export type StageCrashPoint = 'stage:begun';

/**
 * The like within a training, in the order in which each step, and each saving of a checkpoint, comes by. `step:2.3` is the
 * third step of the second epoch, also of a training that goes on in the middle. Savings have a thread of their own, which
 * counts for itself.
 */
export type TrainingCrashPoint =
  'step:done' | `step:${number}.${number}` | 'save:begun' | 'save:written' | 'save:there' | 'save:ended';

/** `NAME`, or `NAME#3` for the third time that it is passed. */
function planned(variable: 'ERS_TEST_CRASH_AT' | 'ERS_TEST_STOP_AT', signal: NodeJS.Signals) {
  const [wanted, count] = (process.env[variable] ?? '').split('#');
  return { wanted, left: Number(count ?? 1), signal };
}

const plans = [planned('ERS_TEST_CRASH_AT', 'SIGKILL'), planned('ERS_TEST_STOP_AT', 'SIGSTOP')];

/**
 * With `ERS_TEST_CRASH_AT=NAME` ends this process as a power cut would: no handler runs, nothing is flushed. With
 * `ERS_TEST_STOP_AT=NAME` it stands still there until it gets SIGCONT, while others go on; a run hands that on to its stages.
 */
export function crashPoint(name: CrashPoint | StageCrashPoint | TrainingCrashPoint): void {
  for (const plan of plans) {
    if (name !== plan.wanted) continue;
    plan.left -= 1;
    if (plan.left === 0) process.kill(process.pid, plan.signal);
  }
}
