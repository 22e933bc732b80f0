import type { Digest } from '../../base/digest.ts';
import { parseJson } from '../../base/parse-json.ts';
import type { Environment } from './environment.ts';
import type { Progress } from './progress.ts';

/** What a checkpoint says of itself, in its header. */
export interface About {
  readonly identity: Digest;
  readonly progress: Omit<Progress, 'history'>;
  readonly environment: Environment;
}

/** Out of a header; undefined where none stands there. That it is whole only the file's digest tells. */
export function aboutIn(metadata: Readonly<Record<string, string>>): About | undefined {
  return parseJson(metadata['about'] ?? '') as About | undefined;
}
