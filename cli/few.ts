/** At most three names, and how many more. */
export function few(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} … and ${names.length - 3} more`;
}
