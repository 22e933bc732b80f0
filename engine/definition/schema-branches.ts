import type { SchemaError } from './schema-error.ts';

/**
 * Of a failed choice (`anyOf`, `oneOf`) ajv reports the errors of every branch. Keeps what helps: the errors inside the
 * one branch that was meant, if that is clear from the value's type or from a literal member such as `name: adam`;
 * a wrong literal alone, if it is what tells the branches apart; else only the choice itself.
 */
export function preferBranch(errors: readonly SchemaError[]): readonly SchemaError[] {
  const choice = errors.find(
    (error) =>
      (error.keyword === 'anyOf' || error.keyword === 'oneOf') &&
      errors.some((other) => isInside(other, error)),
  );
  if (choice === undefined) return errors;
  const inside = errors.filter((error) => isInside(error, choice));
  const rest = errors.filter((error) => error !== choice && !inside.includes(error));
  const branches = new Map<string, SchemaError[]>();
  for (const error of inside) {
    const branch = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? '';
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const meant = [...branches.values()].filter((branch) => !branch.some((error) => rulesOut(error, choice)));
  if (meant.length === 1) return preferBranch([...rest, ...(meant[0] ?? [])]);

  const literals = [...branches.values()].flatMap((branch) =>
    branch.filter((error) => isLiteral(error, choice)),
  );
  const [first] = literals;
  if (first !== undefined && literals.every((error) => error.instancePath === first.instancePath)) {
    const values = literals.flatMap(({ parentSchema }) =>
      parentSchema?.const === undefined ? (parentSchema?.enum ?? []) : [parentSchema.const],
    );
    return preferBranch([...rest, { ...first, keyword: 'enum', parentSchema: { enum: values } }]);
  }
  // Told by the choice alone; its branches are gone, so it is not found again.
  return [...preferBranch(rest), choice];
}

function isInside(error: SchemaError, choice: SchemaError): boolean {
  return (
    error.schemaPath.startsWith(`${choice.schemaPath}/`) && error.instancePath.startsWith(choice.instancePath)
  );
}

/** Whether an error shows that its branch was not the one meant. */
function rulesOut(error: SchemaError, choice: SchemaError): boolean {
  if (error.instancePath === choice.instancePath && ['type', 'const', 'enum'].includes(error.keyword))
    return true;
  return isLiteral(error, choice);
}

/** A wrong literal one step below the choice. */
function isLiteral(error: SchemaError, choice: SchemaError): boolean {
  const below = error.instancePath.slice(choice.instancePath.length);
  return ['const', 'enum'].includes(error.keyword) && /^\/[^/]+$/.test(below);
}
