import { must } from '../shell.ts';

/** An empty repository with an author of its own. */
export function gitInit(folder: string): void {
  must(folder, { argv: ['git', 'init', '-q', '.'] });
  must(folder, { argv: ['git', 'config', 'user.email', 'bench@example.org'] });
  must(folder, { argv: ['git', 'config', 'user.name', 'bench'] });
}

/** Everything that is not ignored, in one commit. */
export function gitCommit(folder: string): void {
  must(folder, { argv: ['git', 'add', '-A'] });
  must(folder, { argv: ['git', 'commit', '-q', '-m', 'bench'] });
}
