import { canonical, type Json } from '../../base/canonical.ts';
import { stageOf } from '../key/graph.ts';
import type { Dep, Pipeline, Stage, StageName } from '../definition/types.ts';
import { nameOf } from './names.ts';
import { paramKeys } from './params.ts';
import type { Overrides } from './sweep.ts';

/** What the union is made of: the pipeline as one combination of overrides gives it. */
export interface UnionPart {
  readonly overrides: Overrides;
  readonly pipeline: Pipeline;
}

/** Several pipelines as one, in which stages of equal definition stand once. */
export interface Union {
  readonly pipeline: Pipeline;
  /** Stage of the union → the pipeline's own name of it. */
  readonly own: ReadonlyMap<StageName, StageName>;
  /** For each part: the pipeline's own name → the stage of the union. */
  readonly stages: readonly ReadonlyMap<StageName, StageName>[];
}

/** A stage of the union before it has its name. */
interface Shared {
  readonly stage: Stage;
  /** The parts that have it. */
  readonly parts: number[];
  /** Short for its definition, where a stage below is known by it. */
  readonly id: string;
}

/** Labels stand in a column beside what happens: longer ones are cut. */
const longestLabel = 32;

/**
 * Makes one pipeline of several. A stage that is the same in all of them keeps its name; of one that differs each is
 * `train@lr-0.001`, after those overrides that all its parts have and others have not. The order is that of the first part,
 * then what each further part adds.
 */
export function unite(parts: readonly UnionPart[]): Union {
  const [first] = parts;
  if (first === undefined) throw new Error('Internal error: a union of no pipelines');
  const found = new Map<string, Shared>();
  const shared = parts.map(({ pipeline }, part) => shareStages(pipeline, part, found));
  const names = nameStages([...found.values()], parts);
  const stages = shared.map((own) => new Map([...own].map(([name, each]) => [name, nameFor(names, each)])));
  const united = [...found.values()].map((each): Stage => {
    const above = stages[each.parts[0] ?? 0] ?? new Map<StageName, StageName>();
    return {
      ...each.stage,
      name: nameFor(names, each),
      deps: mapDeps(each.stage, (name) => nameFor(above, name)),
    };
  });
  const targets = parts.flatMap(({ pipeline }, part) =>
    pipeline.default.map((name) => nameFor(stages[part] ?? new Map<StageName, StageName>(), name)),
  );
  return {
    pipeline: {
      ...first.pipeline,
      stages: new Map(united.map((stage) => [stage.name, stage])),
      order: united.map((stage) => stage.name),
      default: [...new Set(targets)],
    },
    own: new Map([...names].map(([{ stage }, name]) => [name, stage.name])),
    stages,
  };
}

/** The pipeline's stages as members of `found`, which get this part too. */
function shareStages(
  pipeline: Pipeline,
  part: number,
  found: Map<string, Shared>,
): ReadonlyMap<StageName, Shared> {
  const own = new Map<StageName, Shared>();
  for (const name of pipeline.order) {
    const stage = stageOf(pipeline, name);
    const definition = definitionOf(stage, (above) => own.get(above)?.id ?? '');
    const shared = found.get(definition) ?? { stage, parts: [], id: String(found.size) };
    shared.parts.push(part);
    found.set(definition, shared);
    own.set(name, shared);
  }
  return own;
}

/** Everything that a stage is, without the places it was read from; of a built-in one its code instead of what is told of it. */
function definitionOf(stage: Stage, idOf: (above: StageName) => string): string {
  const { program } = stage;
  const { code, ...told } = program.type === 'uses' ? program.definition : { code: undefined, name: '' };
  const does = program.type === 'uses' ? { uses: told.name, bundles: code?.bundles } : program;
  const known = (dep: Dep) => ({
    ...dep,
    place: null,
    ...(dep.type === 'out' ? { stage: idOf(dep.stage) } : {}),
  });
  const deps = Object.fromEntries(Object.entries(stage.deps).map(([name, dep]) => [name, known(dep)]));
  return canonical({ ...stage, place: null, program: does, deps } as unknown as Json);
}

/** Labels for stages of one name that differ. */
function nameStages(all: readonly Shared[], parts: readonly UnionPart[]): ReadonlyMap<Shared, StageName> {
  const known = new Set(parts.flatMap(({ pipeline }) => paramKeys(pipeline)));
  const varying = varyingOf(parts);
  const taken = new Set<string>();
  return new Map(
    all.map((shared) => {
      const { name } = shared.stage;
      const isAlone = all.every((other) => other === shared || other.stage.name !== name);
      const united = isAlone ? name : `${name}@${labelOf(shared, varying, known)}`;
      let distinct = united;
      for (let next = 2; taken.has(distinct); next += 1) distinct = `${united}-${next}`;
      taken.add(distinct);
      return [shared, distinct as StageName];
    }),
  );
}

/** After what its parts have in common; if that is nothing, after the first of them. */
function labelOf({ parts }: Shared, varying: readonly Overrides[], known: ReadonlySet<string>): string {
  const [first = {}, ...others] = parts.map((part) => varying[part] ?? {});
  const common = Object.entries(first).filter(([key, value]) =>
    others.every((other) => other[key] !== undefined && canonical(other[key]) === canonical(value)),
  );
  return nameOf(common.length === 0 ? first : Object.fromEntries(common), known, longestLabel);
}

/** Each part's overrides without those that all parts have. */
function varyingOf(parts: readonly UnionPart[]): readonly Overrides[] {
  const keys = new Set(parts.flatMap(({ overrides }) => Object.keys(overrides)));
  const texts = (key: string) =>
    new Set(parts.map(({ overrides }) => (overrides[key] === undefined ? '' : canonical(overrides[key]))));
  const varying = new Set([...keys].filter((key) => texts(key).size > 1));
  return parts.map(({ overrides }) =>
    Object.fromEntries(Object.entries(overrides).filter(([key]) => varying.has(key))),
  );
}

function mapDeps(stage: Stage, nameOfAbove: (name: StageName) => StageName): Stage['deps'] {
  const mapped = (dep: Dep): Dep => (dep.type === 'out' ? { ...dep, stage: nameOfAbove(dep.stage) } : dep);
  return Object.fromEntries(Object.entries(stage.deps).map(([name, dep]) => [name, mapped(dep)]));
}

function nameFor<Key>(names: ReadonlyMap<Key, StageName>, key: Key): StageName {
  const name = names.get(key);
  if (name === undefined) throw new Error('Internal error: a stage of no union');
  return name;
}
