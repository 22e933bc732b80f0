import type { Graph } from '../../nn/graph/graph.ts';
import type { Variable } from '../../nn/graph/variable.ts';
import type { Loss } from '../../nn/losses/target.ts';
import { weightedLoss } from '../../nn/losses/weighted.ts';
import { adam } from '../../nn/optimizers/adam.ts';
import { adamw } from '../../nn/optimizers/adamw.ts';
import { decayed } from '../../nn/optimizers/decayed.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import { sgd } from '../../nn/optimizers/sgd.ts';
import { constantRate } from '../../nn/schedules/constant.ts';
import { cosineAnnealing } from '../../nn/schedules/cosine-annealing.ts';
import { oneCycle } from '../../nn/schedules/one-cycle.ts';
import { polynomial } from '../../nn/schedules/polynomial.ts';
import type { Schedule } from '../../nn/schedules/schedule.ts';
import { warmUp } from '../../nn/schedules/warm-up.ts';
import type { Params } from './params.ts';

/** `classWeights` has a factor for each trained class, or is null for 1 each (`classWeightsOf`). */
export function lossOf({ loss }: Params, classWeights: readonly number[] | null): Loss {
  return weightedLoss(loss, {
    classWeights,
    focalGamma: loss.focal_gamma,
    tverskyAlpha: loss.tversky_alpha,
    tverskyBeta: loss.tversky_beta,
  });
}

export function optimizerOf({ optimizer }: Params, graph: Graph, weights: readonly Variable[]): Optimizer {
  const { name, weight_decay: decay, momentum, nesterov } = optimizer;
  switch (name) {
    case 'adam':
      return decayed(graph, adam(graph, weights), decay);
    case 'adamw':
      return adamw(graph, weights, decay);
    case 'sgd':
      return decayed(graph, sgd(graph, weights, { momentum, nesterov: nesterov && momentum > 0 }), decay);
  }
}

export function scheduleOf({ optimizer, schedule, train }: Params, stepsPerEpoch: number): Schedule {
  const { name, T_max, eta_min, power, pct_start, warmup_epochs } = schedule;
  const { lr: initial } = optimizer;
  const epochs = train.max_epochs - warmup_epochs;
  const after = (): Schedule => {
    switch (name) {
      case 'cosine_annealing':
        return cosineAnnealing({ initial, minimum: eta_min, T_max });
      case 'polynomial':
        return polynomial({ initial, power, epochs });
      case 'one_cycle':
        return oneCycle({ highest: initial, rise: pct_start, epochs, stepsPerEpoch });
      case 'constant':
        return constantRate(initial);
    }
  };
  return warmUp(warmup_epochs, stepsPerEpoch, after());
}
