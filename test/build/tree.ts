import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The project's own folder. */
export const project = join(import.meta.dirname, '..', '..');

/** A small project in a temporary folder: what every build needs, npm packages by a link, and `files`. */
export class Tree {
  readonly root = mkdtempSync(join(tmpdir(), 'ers-tree-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    symlinkSync(join(project, 'node_modules'), join(this.root, 'node_modules'));
    this.copy(
      'package.json',
      'bin',
      'build',
      'base',
      'engine/stage.ts',
      'engine/definition/pipeline-schema.ts',
      'base/suggest.ts',
      'engine/user-stage',
      'engine/definition/quantities.ts',
    );
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** Copies files or folders of the project to the same place. */
  copy(...paths: readonly string[]): void {
    for (const path of paths) {
      if (existsSync(join(project, path)))
        cpSync(join(project, path), join(this.root, path), { recursive: true });
    }
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
