import { readFileSync, readlinkSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isDigest, type Digest } from '../base/digest.ts';
import { errnoOf, isMissing } from './errno.ts';
import { isAlive, parseHolder } from './holder.ts';
import { namesIn } from './entries.ts';

/** Trees that the inputs of attempts lead to, of attempts whose holder lives or cannot be judged. */
export function treesOfAttempts(root: string): ReadonlySet<Digest> {
  const attempts = join(root, 'attempts');
  const trees = join(root, 'trees');
  return new Set(
    namesIn(attempts)
      .filter((id) => mayLive(join(attempts, id)))
      .flatMap((id) => {
        const deps = join(attempts, id, 'deps');
        return namesIn(deps).flatMap((name) => treeAt(trees, join(deps, name)) ?? []);
      }),
  );
}

function mayLive(attempt: string): boolean {
  try {
    const holder = parseHolder(JSON.parse(readFileSync(join(attempt, 'holder.json'), 'utf8')));
    return holder === undefined || isAlive(holder) !== 'dead';
  } catch (error) {
    // Parked or swept: nobody reads its inputs any more.
    if (isMissing(error)) return false;
    if (error instanceof SyntaxError || errnoOf(error) !== undefined) return true;
    throw error;
  }
}

/** The tree that a link of an input leads into; undefined for an input from outside. */
function treeAt(trees: string, link: string): Digest | undefined {
  try {
    const [tree = ''] = relative(trees, readlinkSync(link)).split(sep);
    return isDigest(tree) ? tree : undefined;
  } catch (error) {
    if (isMissing(error) || errnoOf(error) === 'EINVAL') return undefined;
    throw error;
  }
}
