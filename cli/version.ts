/** Of package.json; the build puts it in. */
declare const ERS_VERSION: string;

export function ersVersion(): string {
  return ERS_VERSION;
}
