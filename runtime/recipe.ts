import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { byCodeUnit, canonical } from '../base/canonical.ts';
import { sha256, short, type Digest } from '../base/digest.ts';
import { pins, tensorFlowVersion, type VariantName, type Wheel } from './pins.ts';

/** Everything that decides the bytes of an installed runtime. */
export interface Recipe {
  readonly version: string;
  readonly variant: VariantName;
  readonly wheels: readonly Wheel[];
  readonly addon: AddonSources;
}

/** The addon's C++ sources and the Node-API headers, as npm installed them. */
interface AddonSources {
  readonly folder: string;
  /** Files to compile, absolute. */
  readonly files: readonly string[];
  readonly nodeApi: string;
  readonly digest: Digest;
}

/** Raise it when the layout of the folder or the way it is made changes. */
const layout = 2;

/** The compiler's arguments that do not depend on where things lie. */
export function compilerFlags(variant: VariantName): readonly string[] {
  const common = ['-std=c++17', '-O2', '-shared', '-fPIC', '-DNAPI_VERSION=8'];
  return variant.startsWith('darwin')
    ? [
        ...common,
        '-undefined',
        'dynamic_lookup',
        '-ltensorflow_cc.2',
        '-ltensorflow_framework.2',
        '-Wl,-rpath,@loader_path/tensorflow',
      ]
    : [
        ...common,
        '-l:libtensorflow_cc.so.2',
        '-l:libtensorflow_framework.so.2',
        '-Wl,-rpath,$ORIGIN/tensorflow',
      ];
}

/** The pinned recipe of a variant. */
export function recipeOf(variant: VariantName): Recipe {
  return { version: tensorFlowVersion, variant, wheels: pins[variant], addon: addonSources() };
}

/** The folder that a recipe is installed in: another recipe never shares it. */
export function folderOf(recipe: Recipe): string {
  const digest = sha256(
    canonical({
      layout,
      wheels: recipe.wheels.map((wheel) => wheel.sha256),
      addon: recipe.addon.digest,
      flags: compilerFlags(recipe.variant),
    }),
  );
  return `tensorflow-${recipe.version}-${recipe.variant}-${short(digest)}`;
}

function addonSources(): AddonSources {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'binding');
  const nodeApi = join(dirname(require.resolve('node-api-headers/package.json')), 'include');
  const sources = [folder, nodeApi].flatMap((from) =>
    readdirSync(from)
      .filter((name) => name.endsWith('.cc') || name.endsWith('.h'))
      .sort(byCodeUnit)
      .map((name) => join(from, name)),
  );
  return {
    folder,
    files: sources.filter((file) => file.endsWith('.cc')),
    nodeApi,
    digest: sha256(...sources.flatMap((file) => [sha256(readFileSync(file))])),
  };
}
