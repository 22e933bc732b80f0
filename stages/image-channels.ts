import Type from 'typebox';

/** `image.channels` of config.yaml, which scan holds every image to and shards decodes by. */
export const ImageChannels = Type.Integer({
  minimum: 1,
  maximum: 64,
  default: 3,
  description: 'bands of every image: 1 grey, 3 RGB, 4 RGB and alpha or four bands of a TIFF, and so on',
});
