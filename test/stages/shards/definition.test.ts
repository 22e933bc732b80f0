import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { definition } from '../../../stages/shards/definition.ts';

/** The schema as the build compiles it. */
function validator() {
  const ajv = new Ajv({ allErrors: true, strict: true, useDefaults: true });
  return ajv.compile(JSON.parse(JSON.stringify(definition.params)) as object);
}

function config(): Record<string, unknown> {
  const whole = parse(readFileSync(new URL('../../../config.yaml', import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >;
  return Object.fromEntries(Object.keys(definition.params.properties).map((group) => [group, whole[group]]));
}

test('the demo config is valid, and nothing in it is unknown to the schema or missing', () => {
  const params = config();
  const before = structuredClone(params);
  const validate = validator();
  expect(validate(params), JSON.stringify(validate.errors)).toBe(true);
  expect(params).toEqual(before);
});

test('left out values become the recipe', () => {
  const params = { image: {}, augment: {}, mosaic: {}, shards: {} };
  expect(validator()(params)).toBe(true);
  expect(params).toEqual({
    ...config(),
    image: { img_size: 512, channels: 3, periods: 'separate' },
    shards: { seed: 17, copies: 4, samples_per_shard: 256 },
  });
});

test.each([
  ['/image', { img_size: 100 }, 'must be multiple of 32'],
  ['/image', { periods: 'both' }, 'must be equal to constant'],
  ['/mosaic', { p: 1.5 }, 'must be <= 1'],
  ['/augment', { rotate: 1 }, 'must NOT have additional properties'],
  ['/augment', { one_of: { gaussian_blur: { blur_limit: [1, 9] } } }, 'must be <= 7'],
  ['/augment', { one_of: { jpeg_compression: { quality: [50] } } }, 'must NOT have fewer than 2 items'],
  ['/shards', { copies: 0 }, 'must be >= 1'],
])('%s %j is refused', (group, value, message) => {
  const validate = validator();
  expect(validate({ image: {}, augment: {}, mosaic: {}, shards: {}, [group.slice(1)]: value })).toBe(false);
  expect(validate.errors?.map((error) => error.message)).toContain(message);
});
