import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
import { check } from './check.ts';
import { imagenetWeights } from './imagenet-weights.ts';

const closed = { additionalProperties: false };

/** The defaults are the reference recipe's values. */
export const definition = defineStage({
  name: 'train',
  does: 'trains the network on the train shards, validates each epoch, and keeps the best and the last weights',
  params: Type.Object(
    {
      model: Type.Object(
        {
          architecture: Type.Union([Type.Literal('unet')], {
            default: 'unet',
            description: 'encoder, decoder with skip connections, head',
          }),
          encoder_name: Type.Union(
            [Type.Literal('resnet18'), Type.Literal('resnet34'), Type.Literal('resnet50')],
            { default: 'resnet34', description: 'backbone' },
          ),
          encoder_weights: Type.Optional(
            Type.Union([Type.Null(), Type.String({ minLength: 1 })], {
              default: null,
              description:
                'imagenet (fetched once), or a safetensors file with the names of torchvision or smp; null: random',
            }),
          ),
          decoder_channels: Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), {
            minItems: 5,
            maxItems: 5,
            default: [256, 128, 64, 32, 16],
            description: 'channels of the decoder blocks, from the deepest up',
          }),
          normalisation: Type.Union([Type.Literal('imagenet'), Type.Literal('unit')], {
            default: 'imagenet',
            description: 'imagenet: (x/255 − mean)/std; unit: x/255',
          }),
        },
        closed,
      ),
      loss: Type.Object(
        {
          ce: Type.Number({ minimum: 0, default: 0.7, description: 'weight of the cross-entropy' }),
          dice: Type.Number({ minimum: 0, default: 0.3, description: 'weight of the Dice loss' }),
          focal: Type.Number({ minimum: 0, default: 0, description: 'weight of the focal loss' }),
          jaccard: Type.Number({ minimum: 0, default: 0, description: 'weight of the soft IoU loss' }),
          tversky: Type.Number({ minimum: 0, default: 0, description: 'weight of the Tversky loss' }),
          lovasz: Type.Number({ minimum: 0, default: 0, description: 'weight of the Lovász-softmax loss' }),
          class_weights: Type.Union(
            [
              Type.Null(),
              Type.Literal('auto'),
              Type.Array(Type.Number({ minimum: 0 }), { minItems: 1, maxItems: 255 }),
            ],
            {
              default: null,
              description:
                'factor of each trained class, in the order of their values, in all losses but Lovász; auto: the rarer the larger, from the train set; null: 1 each',
            },
          ),
          focal_gamma: Type.Number({
            minimum: 0,
            maximum: 20,
            default: 2,
            description: 'how strongly the focal loss dampens pixels that are right already',
          }),
          tversky_alpha: Type.Number({
            minimum: 0,
            maximum: 10,
            default: 0.5,
            description: 'what a false positive costs the Tversky loss',
          }),
          tversky_beta: Type.Number({
            minimum: 0,
            maximum: 10,
            default: 0.5,
            description: 'what a false negative costs the Tversky loss',
          }),
        },
        closed,
      ),
      optimizer: Type.Object(
        {
          name: Type.Union([Type.Literal('adam'), Type.Literal('adamw'), Type.Literal('sgd')], {
            default: 'adam',
            description: 'update rule, as in torch.optim',
          }),
          lr: Type.Number({ exclusiveMinimum: 0, default: 0.001, description: 'learning rate at the start' }),
          weight_decay: Type.Number({
            minimum: 0,
            default: 0,
            description: 'pulls weights to 0: adam and sgd through the gradient, adamw beside it',
          }),
          momentum: Type.Number({
            minimum: 0,
            exclusiveMaximum: 1,
            default: 0.9,
            description: 'share of the velocity that sgd keeps from step to step',
          }),
          nesterov: Type.Boolean({ default: true, description: "Nesterov's momentum, for sgd" }),
          clip_norm: Type.Union([Type.Null(), Type.Number({ exclusiveMinimum: 0 })], {
            default: null,
            description: 'gradients whose norm, all together, is above it are scaled down to it; null: never',
          }),
        },
        closed,
      ),
      schedule: Type.Object(
        {
          name: Type.Union(
            [
              Type.Literal('cosine_annealing'),
              Type.Literal('polynomial'),
              Type.Literal('one_cycle'),
              Type.Literal('constant'),
            ],
            { default: 'cosine_annealing', description: 'how the learning rate changes as training goes on' },
          ),
          T_max: Type.Integer({
            minimum: 1,
            maximum: 1_000_000,
            default: 50,
            description:
              'cosine_annealing: epochs from the highest to the lowest rate; beyond it the rate rises again',
          }),
          eta_min: Type.Number({
            minimum: 0,
            default: 0.000001,
            description: 'cosine_annealing: lowest learning rate',
          }),
          power: Type.Number({
            exclusiveMinimum: 0,
            maximum: 10,
            default: 0.9,
            description: 'polynomial: of the share of epochs that is left',
          }),
          pct_start: Type.Number({
            exclusiveMinimum: 0,
            exclusiveMaximum: 1,
            default: 0.3,
            description: 'one_cycle: share of all steps in which the rate rises to lr',
          }),
          warmup_epochs: Type.Integer({
            minimum: 0,
            maximum: 1_000_000,
            default: 0,
            description: 'epochs in which the rate rises with each step, before the schedule begins',
          }),
        },
        closed,
      ),
      train: Type.Object(
        {
          seed: Type.Integer({
            minimum: 0,
            maximum: 4294967295,
            default: 17,
            description: 'of the first weights and of the order of the samples',
          }),
          batch_size: Type.Integer({ minimum: 1, maximum: 4096, default: 32, description: 'samples a step' }),
          accumulate: Type.Integer({
            minimum: 1,
            maximum: 65_536,
            default: 1,
            description: 'batches whose gradients are summed for one step of the optimizer',
          }),
          ema: Type.Union([Type.Null(), Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })], {
            default: null,
            description:
              'decay of a moving average of the weights, which is validated and kept; null: the weights themselves',
          }),
          max_epochs: Type.Integer({
            minimum: 1,
            maximum: 1_000_000,
            default: 200,
            description: 'most passes over the train set',
          }),
          patience: Type.Integer({
            minimum: 1,
            maximum: 1_000_000,
            default: 10,
            description: 'epochs without a lower val_loss before training ends',
          }),
          precision: Type.Union([Type.Literal('fp32'), Type.Literal('bf16')], {
            default: 'fp32',
            description:
              'of activations in training; bf16: faster where the processor has it, weights stay fp32',
          }),
        },
        closed,
      ),
    },
    closed,
  ),
  deps: { train: 'required', val: 'required', encoder: 'optional' },
  missing: {
    encoder:
      'Give imagenet, the path of a safetensors file with the names of torchvision or smp, such as weights/resnet34.safetensors, or null to begin with random weights.',
  },
  remote: { encoder: { imagenet: { by: 'model.encoder_name', files: imagenetWeights } } },
  outs: { model: 'folder', history: 'file' },
  runtime: 'tensorflow',
  workers: ['feed-worker', 'save-worker'],
  check,
});
