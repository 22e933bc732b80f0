import type { Static } from 'typebox';
import type { definition } from './definition.ts';

/** What the config says about training, with the schema's defaults. */
export type Params = Static<typeof definition.params>;
