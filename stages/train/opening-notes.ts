import type { StageEvent } from '../../engine/stage.ts';
import type { DatasetJson } from '../shards/reader/dataset-json.ts';
import { sayClassWeights } from './class-weights.ts';
import type { Params } from './params.ts';
import { sayLoss } from './say-loss.ts';
import { sayUndecayed } from './undecayed.ts';
import { sayUnfilled } from './unfilled.ts';

/** What a training tells of its settings before its first step: what became of them, and which mean less than they seem to. */
export function openingNotes(
  { loss, optimizer, train }: Params,
  data: { readonly info: DatasetJson; readonly samples: number },
  classWeights: readonly number[] | null,
): readonly StageEvent[] {
  const isAuto = loss.class_weights === 'auto' && classWeights !== null;
  return [
    ...notes('info', [sayLoss(loss), isAuto ? sayClassWeights(classWeights, data.info) : undefined]),
    ...notes('warning', [sayUndecayed(optimizer), ...sayUnfilled(train, data.samples)]),
  ];
}

function notes(level: 'info' | 'warning', texts: readonly (string | undefined)[]): readonly StageEvent[] {
  return texts.flatMap((text) => (text === undefined ? [] : [{ type: 'note', level, text }]));
}
