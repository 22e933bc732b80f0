import { join } from 'node:path';

/** A file at one revision of a repository on a hub: structurally `RemoteFile` of engine/stage.ts. */
export interface HubFile {
  /** `smp-hub/resnet34.imagenet` */
  readonly repo: string;
  readonly revision: string;
  readonly file: string;
  /** Of its bytes; null: what the hub states for this revision counts. */
  readonly sha256: string | null;
}

/** The hub's address, or that of a mirror, by the variable that the hub's own client reads. */
export function endpointOf(env: NodeJS.ProcessEnv): string {
  const chosen = env['HF_ENDPOINT'];
  return (chosen === undefined || chosen === '' ? 'https://huggingface.co' : chosen).replace(/\/+$/, '');
}

export function isWebAddress(endpoint: string): boolean {
  return URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
}

export function urlOf({ repo, revision, file }: HubFile, endpoint: string): string {
  return `${endpoint}/${repo}/resolve/${revision}/${file}`;
}

/** Where the file lies below `base` once it is here. */
export function pathOf({ repo, revision, file }: HubFile, base: string): string {
  return join(base, repo.replaceAll('/', '--'), revision, file);
}

/** How messages name it: `resnet34.imagenet`. */
export function nameOf({ repo }: HubFile): string {
  return repo.slice(repo.indexOf('/') + 1);
}
