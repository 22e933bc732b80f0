import Type from 'typebox';
import { defineStage } from '../../engine/stage.ts';
import { check } from './check.ts';

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
          encoder_name: Type.Union([Type.Literal('resnet18'), Type.Literal('resnet34')], {
            default: 'resnet34',
            description: 'backbone',
          }),
          encoder_weights: Type.Optional(
            Type.Union([Type.Null(), Type.String({ minLength: 1 })], {
              default: null,
              description:
                'safetensors file of the encoder with the names of torchvision or smp; null: random',
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
        },
        closed,
      ),
      optimizer: Type.Object(
        {
          name: Type.Union([Type.Literal('adam')], { default: 'adam', description: 'update rule' }),
          lr: Type.Number({ exclusiveMinimum: 0, default: 0.001, description: 'learning rate at the start' }),
        },
        closed,
      ),
      schedule: Type.Object(
        {
          name: Type.Union([Type.Literal('cosine_annealing')], {
            default: 'cosine_annealing',
            description: 'how the learning rate changes from epoch to epoch',
          }),
          T_max: Type.Integer({
            minimum: 1,
            default: 50,
            description: 'epochs from the highest to the lowest rate; beyond it the rate rises again',
          }),
          eta_min: Type.Number({ minimum: 0, default: 0.000001, description: 'lowest learning rate' }),
        },
        closed,
      ),
      train: Type.Object(
        {
          seed: Type.Integer({
            minimum: 0,
            default: 17,
            description: 'of the first weights and of the order of the samples',
          }),
          batch_size: Type.Integer({ minimum: 1, maximum: 4096, default: 32, description: 'samples a step' }),
          max_epochs: Type.Integer({
            minimum: 1,
            default: 200,
            description: 'most passes over the train set',
          }),
          patience: Type.Integer({
            minimum: 1,
            default: 10,
            description: 'epochs without a lower val_loss before training ends',
          }),
          precision: Type.Union([Type.Literal('fp32')], { default: 'fp32', description: 'of activations' }),
        },
        closed,
      ),
    },
    closed,
  ),
  deps: { train: 'required', val: 'required', encoder: 'optional' },
  missing: {
    encoder:
      'ers does not fetch pretrained weights yet: give the path of a safetensors file with the names of torchvision or smp, such as weights/resnet34.safetensors, or null to begin with random ones.',
  },
  outs: { model: 'folder', history: 'file' },
  runtime: 'tensorflow',
  check,
});
