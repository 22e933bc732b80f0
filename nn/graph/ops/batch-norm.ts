import { dimension, output, type Graph, type Tensor } from '../graph.ts';

/** PyTorch's defaults; `momentum` is the weight of the new value. */
const epsilon = 1e-5;
const momentum = 0.1;

export interface BatchNormInputs {
  /** Fp32 vectors of length C. */
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly runningMean: Tensor;
  readonly runningVariance: Tensor;
}

export interface TrainedBatchNorm {
  readonly y: Tensor;
  /** 0.9·running + 0.1·mean of the batch. */
  readonly runningMean: Tensor;
  /** 0.9·running + 0.1·unbiased variance of the batch: the op applies n/(n−1) itself. */
  readonly runningVariance: Tensor;
}

/** y = (x − mean)/√(var + ε)·weight + bias with the batch's own statistics; x is N×H×W×C. */
export function batchNormTraining(graph: Graph, x: Tensor, inputs: BatchNormInputs): TrainedBatchNorm {
  const vector = { dtype: 'float32', shape: [dimension(x, 3)] } as const;
  const attributes = {
    T: { type: x.dtype },
    U: { type: 'float32' },
    epsilon: { float: epsilon },
    data_format: { string: 'NHWC' },
    is_training: { bool: true },
  } as const;
  const node = graph.add({
    op: 'FusedBatchNormV3',
    inputs: [x, inputs.weight, inputs.bias, inputs.runningMean, inputs.runningVariance],
    attributes: { ...attributes, exponential_avg_factor: { float: momentum } },
    outputs: [{ dtype: x.dtype, shape: x.shape }, vector, vector, vector, vector, vector],
    gradient: ([dy]) => {
      if (dy === undefined) return [];
      const back = graph.add({
        op: 'FusedBatchNormGradV3',
        inputs: [dy, x, inputs.weight, output(node, 3), output(node, 4), output(node, 5)],
        attributes,
        outputs: [{ dtype: x.dtype, shape: x.shape }, vector, vector, vector, vector],
      });
      return [output(back, 0), output(back, 1), output(back, 2)];
    },
  });
  return { y: output(node, 0), runningMean: output(node, 1), runningVariance: output(node, 2) };
}

/** y = (x − runningMean)/√(runningVariance + ε)·weight + bias; no gradient, as it is for prediction. */
export function batchNormInference(graph: Graph, x: Tensor, inputs: BatchNormInputs): Tensor {
  const vector = { dtype: 'float32', shape: [dimension(x, 3)] } as const;
  const node = graph.add({
    op: 'FusedBatchNormV3',
    inputs: [x, inputs.weight, inputs.bias, inputs.runningMean, inputs.runningVariance],
    attributes: {
      T: { type: x.dtype },
      U: { type: 'float32' },
      epsilon: { float: epsilon },
      exponential_avg_factor: { float: 1 },
      data_format: { string: 'NHWC' },
      is_training: { bool: false },
    },
    outputs: [{ dtype: x.dtype, shape: x.shape }, vector, vector, vector, vector, vector],
  });
  return output(node, 0);
}
