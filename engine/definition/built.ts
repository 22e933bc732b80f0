import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Json } from '../../base/canonical.ts';
import type { Around, ParamFault } from '../stage.ts';
import type { SchemaError } from './schema-error.ts';
import type { BuiltStage } from '../built-stage.ts';

/** A validator compiled by the build: fills in defaults, says whether `data` is valid and keeps the errors on itself. */
export interface Validator {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** A definition's `check`. Its params have satisfied the stage's schema. */
export type Check = (params: Readonly<Record<string, Json>>, around: Around) => readonly ParamFault[];

/** What the build knows of the stages. */
export interface Built {
  /** Name of the build. */
  readonly build: string;
  readonly stages: ReadonlyMap<string, BuiltStage>;
  readonly validatePipeline: Validator;
  readonly validateParams: ReadonlyMap<string, Validator>;
  readonly checkParams: ReadonlyMap<string, Check>;
}

/** Loads `stages.json` and `validators.cjs` of a build; of the current one unless `build` names another. */
export async function loadBuilt(dist: string, build: string | undefined): Promise<Built> {
  const name = build ?? (readJson(join(dist, 'current.json')) as { readonly build: string }).build;
  const stages = readJson(join(dist, name, 'stages.json')) as readonly BuiltStage[];
  const validators = (await import(pathToFileURL(join(dist, name, 'validators.cjs')).href)) as {
    readonly pipeline: Validator;
    readonly stages: Readonly<Record<string, Validator>>;
    readonly checks: Readonly<Record<string, Check>>;
  };
  return {
    build: name,
    stages: new Map(stages.map((stage) => [stage.name, stage])),
    validatePipeline: validators.pipeline,
    validateParams: new Map(Object.entries(validators.stages)),
    checkParams: new Map(Object.entries(validators.checks)),
  };
}

/** These files are ours: the build checks their shape by making them. */
function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
