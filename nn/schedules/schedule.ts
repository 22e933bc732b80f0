/** Where training stands: the epoch and the step within it, both counted from 0. */
interface Moment {
  readonly epoch: number;
  readonly step: number;
}

/** The learning rate of a step. */
export type Schedule = (at: Moment) => number;

/** How long the whole training may last; the schedules that run over all of it need both. */
export interface Span {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}
