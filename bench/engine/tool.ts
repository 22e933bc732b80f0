import type { Project } from './project.ts';

/** A tool that was found or installed: how it is told a project, and how it is started. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** Writes the project's files into a folder that holds the data. */
  readonly write: (folder: string, project: Project) => void;
  /** `jobs`: stages side by side. */
  readonly run: (project: Project, jobs: number) => Command;
  /** Says what a run would do; undefined for a tool without such an option. */
  readonly dry: ((project: Project) => DryRun) | undefined;
  /** Where a user finds an out, relative to the project. */
  readonly seen: (project: Project, path: string) => string;
  /** The stored copies of results, to damage one; undefined for a tool that stores none. */
  readonly store: Store | undefined;
}

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface DryRun extends Command {
  /** Whether what it printed says that a stage would run. */
  readonly saysRun: (output: string) => boolean;
}

export interface Store {
  /** Below this folder lie the stored bytes of a file with this name or size. */
  readonly folder: string;
  readonly holds: (path: string, bytes: number) => boolean;
  /** Called after the damage, so that the tool has to fetch the result from its store. */
  readonly forget: (folder: string, again: () => void) => void;
}

/** A peer that could not be set up, and why. */
export interface Missing {
  readonly name: string;
  readonly version: string;
  readonly why: string;
}
