/** What an installation says while it works: the engine's `RuntimeEvent`, which this room may not import. Sizes in bytes. */
export interface RuntimeEvent {
  readonly type: 'runtime';
  readonly runtime: string;
  readonly phase: 'missing' | 'fetching' | 'unpacking' | 'building' | 'checking' | 'ready';
  readonly text: string;
  readonly done?: number;
  readonly total?: number;
}

/** The runtime's name in stage definitions and events. */
export const runtimeName = 'tensorflow';

export type Emit = (event: RuntimeEvent) => void;

/** Sends one event of this runtime. */
export function say(
  emit: Emit,
  phase: RuntimeEvent['phase'],
  text: string,
  progress?: { readonly done: number; readonly total: number },
): void {
  emit({ type: 'runtime', runtime: runtimeName, phase, text, ...progress });
}

/** A size for people, in decimal units as disks and package indexes count: `274 MB`, `3.38 GB`. */
export function sayBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(0)} MB`;
  return `${(bytes / 1e3).toFixed(0)} kB`;
}
