import { colours, type Role } from '../roles.ts';

/** Properties of Ink's `Text` for a role; none where the user wants no colour (https://no-color.org). */
export function ink(role: Role): { readonly color?: string } {
  const none = process.env['NO_COLOR'];
  return none !== undefined && none !== '' ? {} : { color: colours[role] };
}
