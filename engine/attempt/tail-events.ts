import { parseJson } from '../../base/parse-json.ts';
import type { StageEvent } from '../stage.ts';
import { Tail } from './lines.ts';

/** Members that each type of event must have, beside `type`. */
const members: Readonly<Record<StageEvent['type'], readonly string[]>> = {
  progress: ['label', 'done', 'total', 'unit'],
  step: ['epoch', 'epochs', 'step', 'steps', 'loss', 'learningRate', 'imagesPerSecond', 'stall'],
  epoch: ['epoch', 'epochs', 'trainLoss', 'valLoss', 'valIou', 'bestValIou', 'bestEpoch'],
  grace: ['seconds'],
  loaded: [],
  metrics: ['values'],
  note: ['level', 'text'],
};

/** Reads the events that a stage appends to its file; a line that is none is told once, since any program may write there. */
export function tailEvents(
  file: string,
  onEvent: (event: StageEvent) => void,
  onNotice: (text: string) => void,
): Tail {
  let told = false;
  return new Tail(file, (line) => {
    const value = parseJson(line);
    if (isEvent(value)) onEvent(value);
    else if (!told) {
      told = true;
      onNotice(`a line of its events.jsonl is no event: ${line.slice(0, 200)}`);
    }
  });
}

function isEvent(value: unknown): value is StageEvent {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const { type } = value;
  if (typeof type !== 'string' || !Object.hasOwn(members, type)) return false;
  return members[type as StageEvent['type']].every((member) => member in value);
}
