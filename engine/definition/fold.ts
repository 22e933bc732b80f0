/** Equal for paths that are one on a disk that ignores case or stores accents decomposed. */
export function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
