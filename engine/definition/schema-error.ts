import type { Schema } from './say-schema.ts';

/** An error as ajv's compiled validators give it with `verbose`. */
export interface SchemaError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly parentSchema?: Schema;
  readonly data?: unknown;
  readonly propertyName?: string;
}
