import { setTimeout as pause } from 'node:timers/promises';

/** How often it is looked, ms. */
const lookMs = 20;

/**
 * Resolves when something is so of which nothing else tells, however long that takes. Rejects if what should bring it
 * about ends before; `ended`, if it can be told, resolves with what that has to say.
 */
export async function comesAbout(isSo: () => boolean, ended?: Promise<string>): Promise<void> {
  const over = ended?.then((said) => ({ said }));
  while (!isSo()) {
    const end = await (over === undefined ? pause(lookMs) : Promise.race([pause(lookMs), over]));
    if (end !== undefined && !isSo()) throw new Error(`it ended before that came about:\n${end.said}`);
  }
}
