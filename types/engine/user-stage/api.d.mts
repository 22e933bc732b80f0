import type TypeBox from 'typebox';
import type { Static, TObject } from 'typebox';
import type { Json } from '../../base/canonical.mjs';
import type { DepNeeds, DepPaths, OutKinds, OutPaths, StageContext, StageReport } from '../stage.mjs';
/** What a file named by `uses: ./my-stage.ts` imports from `ers` (docs/your-own-stage.md); build/api.mjs is its code. */
export type { Static } from 'typebox';
export type { StageContext, StageEvent, StageReport } from '../stage.mjs';
/** Builders of schemas, those of typebox (https://github.com/sinclairzx81/typebox) that a config needs. */
export declare const Type: Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Tuple'
  | 'Union'
>;
/** A JSON Schema written by hand: the params are then untyped. */
export interface PlainSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}
export type ParamsSchema = TObject | PlainSchema;
declare const none: unique symbol;
/** An object of which no member may be named. */
type Nothing = {
  readonly [none]?: never;
};
type ParamsOf<Schema extends ParamsSchema> = [Schema] extends [never]
  ? Nothing
  : Schema extends TObject
    ? Static<Schema>
    : Readonly<Record<string, Json>>;
/** A stage of the user: one file whose default export this is. */
export interface UserStage<
  Params extends ParamsSchema = ParamsSchema,
  Deps extends DepNeeds = DepNeeds,
  Outs extends OutKinds = OutKinds,
> {
  /** One sentence for `ers dag`. */
  readonly does: string;
  /** Schema of the groups (or dotted keys) of config.yaml that the stage reads; none without it. */
  readonly params?: Params;
  /** Names of inputs. An optional one may be null in the config and is then absent. */
  readonly deps?: Deps;
  /** Input → what to tell a user whose config names something for it that is not there. */
  readonly missing?: Readonly<Partial<Record<keyof Deps & string, string>>>;
  readonly outs: Outs;
  /** Modules beside this file, without their suffix, that `context.startWorker` may start. */
  readonly workers?: readonly string[];
  /**
   * Makes the outs. Runs in a process of its own. To fail it throws. Returns nothing, or `{ status: 'stopped' }` once
   * `context.signal` was aborted and its checkpoint is saved.
   */
  run(
    context: StageContext<ParamsOf<Params>, DepPaths<Deps>, OutPaths<Outs>>,
  ): StageReport | undefined | Promise<StageReport | undefined> | Promise<void>;
}
/** Checks the stage's type and hands it back: `export default defineStage({ … })`. */
export declare function defineStage<
  const Outs extends OutKinds,
  const Params extends ParamsSchema = never,
  const Deps extends DepNeeds = Nothing,
>(stage: UserStage<Params, Deps, Outs>): UserStage<Params, Deps, Outs>;
