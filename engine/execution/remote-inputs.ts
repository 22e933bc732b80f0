import type { Fault, Result } from '../../base/fault.ts';
import type { Stage } from '../definition/types.ts';
import type { EngineEvent } from '../events.ts';
import { remoteFilesOf, type Project } from '../project/project.ts';
import type { RemoteFile } from '../stage.ts';

/** The files of a hub that a run reads: each is fetched once, before the first stage that needs it. */
export class RemoteInputs {
  readonly #project: Project;
  readonly #emit: (event: EngineEvent) => void;
  readonly #ready = new Map<string, Promise<Result<null>>>();

  constructor(project: Project, emit: (event: EngineEvent) => void) {
    this.#project = project;
    this.#emit = emit;
  }

  /** Faults: ERS_FETCH, at the place that names the file. */
  async ensure(stage: Stage, signal: AbortSignal): Promise<readonly Fault[] | 'stopped'> {
    for (const dep of Object.values(stage.deps)) {
      if (dep.type !== 'remote') continue;
      const fetched = await this.#once(dep.file, signal);
      if (fetched === 'stopped') return 'stopped';
      if (!fetched.ok) return fetched.faults.map((fault) => ({ ...fault, place: dep.place }));
    }
    return [];
  }

  async #once(file: RemoteFile, signal: AbortSignal): Promise<Result<null> | 'stopped'> {
    const files = remoteFilesOf(this.#project);
    const path = files.pathOf(file);
    const ready = this.#ready.get(path) ?? files.ensure(file, this.#emit, signal);
    this.#ready.set(path, ready);
    try {
      return await ready;
    } catch (error) {
      // A download that is asked to stop rejects with the signal's reason.
      if (signal.aborted) return 'stopped';
      throw error;
    }
  }
}
