import { batchNormInference, batchNormTraining } from '../graph/ops/batch-norm.ts';
import { ones, zeros } from '../init/initializers.ts';
import type { Layer } from './pass.ts';
import type { Scope } from './scope.ts';

/** `torch.nn.BatchNorm2d`: parameters `weight`, `bias`, `running_mean`, `running_var`. */
export function batchNormLayer(scope: Scope, channels: number): Layer {
  const weight = scope.parameter('weight', [channels], ones);
  const bias = scope.parameter('bias', [channels], zeros);
  const mean = scope.parameter('running_mean', [channels], zeros, false);
  const variance = scope.parameter('running_var', [channels], ones, false);
  return (x, pass) => {
    const inputs = {
      weight: pass.read(weight),
      bias: pass.read(bias),
      runningMean: pass.read(mean),
      runningVariance: pass.read(variance),
    };
    if (!pass.training) return batchNormInference(pass.graph, x, inputs);
    const { y, runningMean, runningVariance } = batchNormTraining(pass.graph, x, inputs);
    pass.update(mean, runningMean);
    pass.update(variance, runningVariance);
    return y;
  };
}
