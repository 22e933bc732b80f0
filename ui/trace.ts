import type { Json } from '../base/canonical.ts';
import type { EngineEvent, StageOutcome, StagePhase } from '../engine/events.ts';
import { sayReason } from '../engine/reasons.ts';

/** An event and when it came, in ms since the beginning of the recording. */
export interface TimedEvent {
  readonly at: number;
  readonly event: EngineEvent;
}

/** Whether the trace has a use for it: what stages print and tell of themselves would only fill memory. */
export function isTraced({ type }: EngineEvent): boolean {
  return type !== 'stage-output' && type !== 'stage-event';
}

/** A stretch of time on a lane, ms. */
interface Span {
  readonly name: string;
  readonly category: string;
  readonly from: number;
  readonly to: number;
  readonly args: Readonly<Record<string, Json>>;
  /** Stretches within it. */
  readonly parts: readonly Span[];
}

interface Instant {
  readonly name: string;
  readonly at: number;
  readonly args: Readonly<Record<string, Json>>;
}

const phaseNames: Readonly<Record<StagePhase | 'waiting' | 'running', string>> = {
  ready: 'wait for a turn',
  preparing: 'prepare',
  waiting: 'wait for another run',
  running: 'run',
  checking: 'look at inputs again',
  storing: 'hash and store',
};

/** How every trace of ers begins. */
export const traceStart = '{"displayTimeUnit":"ms","traceEvents":[';

/**
 * A recording in Chrome's trace event format ("Trace Event Format", JSON object form), which Perfetto and
 * chrome://tracing open. The run is one process, what works at the same time lies on lanes of a second, what waits for
 * its turn on those of a third. `end` is when the recording was ended, ms: what was open then ends there.
 */
export function traceText(events: readonly TimedEvent[], end: number): string {
  const reader = new Reader();
  for (const { at, event } of events) reader.add(at, event);
  const { run, instants, work, waits } = reader.close(end);
  const lines = [
    ...describe(1, 'run', 1),
    ...run.flatMap((span) => complete(span, 1, 1)),
    ...instants.map(({ name, at, args }) => ({
      ...{ name, cat: 'event', ph: 'i', s: 'p', ts: micros(at), pid: 1, tid: 1, args },
    })),
    ...onLanes(2, 'stages at work', work),
    ...onLanes(3, 'stages waiting for a turn', waits),
  ];
  const rows = lines.map((line) => JSON.stringify(line)).join(',\n');
  return `${traceStart}\n${rows}\n]}\n`;
}

/** Turns events into stretches: each event ends what its stage did before. */
class Reader {
  readonly #run: Span[] = [];
  readonly #instants: Instant[] = [];
  readonly #work: Span[] = [];
  readonly #waits: Span[] = [];
  readonly #open = new Map<string, OpenStage>();
  #plannedFrom = 0;
  #started: { readonly at: number; readonly args: Readonly<Record<string, Json>> } | undefined;
  #runtimeFrom: number | undefined;

  add(at: number, event: EngineEvent): void {
    if (event.type === 'run-started') {
      const args = { run: event.run, stages: event.stages.length };
      this.#run.push(plainSpan('plan and hash inputs', this.#plannedFrom, at, args));
      this.#started = { at, args };
    } else if (event.type === 'run-finished') {
      this.#endRun(at, { exitCode: event.exitCode });
    } else if (event.type === 'runtime') {
      this.#runtimeFrom ??= at;
      if (event.phase !== 'ready') return;
      this.#run.push(plainSpan(`runtime ${event.runtime}`, this.#runtimeFrom, at, { text: event.text }));
      this.#runtimeFrom = undefined;
    } else if (event.type === 'notice') {
      this.#instants.push({ name: event.level, at, args: { text: event.text } });
    } else if (event.type === 'stage-phase') {
      this.#enter(event.stage, event.phase, at, {});
    } else if (event.type === 'stage-waiting') {
      this.#enter(event.stage, 'waiting', at, { holder: event.twin ?? event.holder });
    } else if (event.type === 'stage-started') {
      const { attempt, resumed, reasons } = event;
      this.#enter(event.stage, 'running', at, { attempt, resumed, reasons: reasons.map(sayReason) });
    } else if (event.type === 'stage-finished') {
      this.#finish(event.stage, event.outcome, at);
    }
  }

  close(end: number) {
    for (const stage of [...this.#open.keys()]) this.#leave(stage, end, { outcome: 'unfinished' });
    this.#endRun(end, {});
    return { run: this.#run, instants: this.#instants, work: this.#work, waits: this.#waits };
  }

  #enter(
    stage: string,
    phase: keyof typeof phaseNames,
    at: number,
    args: Readonly<Record<string, Json>>,
  ): void {
    const open = this.#open.get(stage);
    if (phase === 'ready') {
      this.#open.set(stage, { from: at, waits: true, phases: [], args: {} });
      return;
    }
    if (open === undefined || open.waits) {
      if (open !== undefined) this.#waits.push(plainSpan(stage, open.from, at, {}));
      this.#open.set(stage, { from: at, waits: false, phases: [{ phase, from: at, args }], args });
    } else {
      this.#open.set(stage, {
        ...open,
        phases: [...open.phases, { phase, from: at, args }],
        args: { ...open.args, ...args },
      });
    }
  }

  #finish(stage: string, outcome: StageOutcome, at: number): void {
    const { type, ...rest } = outcome;
    const args = { outcome: type, ...(JSON.parse(JSON.stringify(rest)) as Readonly<Record<string, Json>>) };
    if (this.#open.has(stage)) this.#leave(stage, at, args);
    else this.#instants.push({ name: `${stage} ${type}`, at, args });
  }

  #leave(stage: string, at: number, args: Readonly<Record<string, Json>>): void {
    const open = this.#open.get(stage);
    this.#open.delete(stage);
    if (open === undefined) return;
    if (open.waits) {
      this.#waits.push(plainSpan(stage, open.from, at, args));
      return;
    }
    const parts = open.phases.map(({ phase, from, args: own }, index) =>
      plainSpan(phaseNames[phase], from, open.phases[index + 1]?.from ?? at, own, phase),
    );
    this.#work.push({ ...plainSpan(stage, open.from, at, { ...open.args, ...args }, 'stage'), parts });
  }

  #endRun(at: number, args: Readonly<Record<string, Json>>): void {
    const started = this.#started;
    if (started !== undefined) {
      this.#run.push(plainSpan('run', started.at, at, { ...started.args, ...args }));
    }
    this.#started = undefined;
    this.#plannedFrom = at;
  }
}

/** A stage of which more is to come. */
interface OpenStage {
  readonly from: number;
  /** It has not had its turn yet. */
  readonly waits: boolean;
  readonly phases: readonly {
    readonly phase: keyof typeof phaseNames;
    readonly from: number;
    readonly args: Readonly<Record<string, Json>>;
  }[];
  readonly args: Readonly<Record<string, Json>>;
}

function plainSpan(
  name: string,
  from: number,
  to: number,
  args: Readonly<Record<string, Json>>,
  category = 'run',
): Span {
  return { name, category, from, to, args, parts: [] };
}

/** Each on the first lane that is free again: as many lanes as stages were at it at once. */
function onLanes(pid: number, name: string, spans: readonly Span[]): readonly Json[] {
  const freeFrom: number[] = [];
  const placed = spans
    .toSorted((a, b) => a.from - b.from)
    .map((span) => {
      const free = freeFrom.findIndex((time) => time <= span.from);
      const lane = free === -1 ? freeFrom.length : free;
      freeFrom[lane] = span.to;
      return { span, lane: lane + 1 };
    });
  return [
    ...describe(pid, name, freeFrom.length),
    ...placed.flatMap(({ span, lane }) => complete(span, pid, lane)),
  ];
}

/** Names of a process and its lanes, as the format wants them. */
function describe(pid: number, name: string, lanes: number): readonly Json[] {
  if (lanes === 0) return [];
  const process = { name: 'process_name', ph: 'M', pid, tid: 0, args: { name } };
  return [
    process,
    ...Array.from({ length: lanes }, (_, lane) => ({
      ...{ name: 'thread_name', ph: 'M', pid, tid: lane + 1, args: { name: `lane ${lane + 1}` } },
    })),
  ];
}

/** "X" events; those of its parts lie within it. */
function complete(span: Span, pid: number, tid: number): readonly Json[] {
  const { name, category, from, to, args, parts } = span;
  const [ts, end] = [micros(from), micros(to)];
  return [
    { name, cat: category, ph: 'X', ts, dur: end - ts, pid, tid, args },
    ...parts.flatMap((part) => complete(part, pid, tid)),
  ];
}

function micros(ms: number): number {
  return Math.round(ms * 1000);
}
