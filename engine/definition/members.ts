import type { Stage, StageName } from './types.ts';

/**
 * The stages that a user names: one, a member `train@lr-0.001`, or with `train` (or `train@*`) all members of a matrix.
 * None if there is no such stage.
 */
export function stagesCalled(
  name: string,
  stages: ReadonlyMap<StageName, Pick<Stage, 'name' | 'member'>>,
): readonly StageName[] {
  if (stages.has(name as StageName)) return [name as StageName];
  const whole = name.replace(/@\*$/, '');
  return [...stages.values()].flatMap((stage) => (stage.member?.of === whole ? [stage.name] : []));
}

/** Every name that `stagesCalled` knows. */
export function callableNames(
  stages: ReadonlyMap<StageName, Pick<Stage, 'name' | 'member'>>,
): readonly string[] {
  return [
    ...new Set(
      [...stages.values()].flatMap(({ name, member }) => (member === undefined ? [name] : [member.of, name])),
    ),
  ];
}
