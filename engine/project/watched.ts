import type { StatIndex, Store } from '../../cache/types.ts';
import type { Watch } from '../../cache/watch.ts';
import type { Project } from './project.ts';

/** The same project, whose content is read before the eyes of `watch`: each reading that it ends throws `Interrupted`. */
export function watched(project: Project, watch: Watch): Project {
  return { ...project, index: watchedIndex(project.index, watch), store: watchedStore(project.store, watch) };
}

/** Keeps what was learnt of inputs and trees, be it by a reading that was interrupted. */
export async function saveLearnt({ index, store }: Project): Promise<void> {
  await index.save();
  await store.save();
}

function watchedIndex(index: StatIndex, watch: Watch): StatIndex {
  return {
    ...index,
    get read() {
      return index.read;
    },
    find: (path) => index.find(path, watch),
    look: (path) => index.look(path, watch),
    stamp: (path) => index.stamp(path, watch),
  };
}

function watchedStore(store: Store, watch: Watch): Store {
  return {
    ...store,
    check: (out) => store.check(out, watch),
    adopt: (outs) => store.adopt(outs, watch),
  };
}
