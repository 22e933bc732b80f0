import type { Fault, Place } from '../../base/fault.ts';
import { asMapping, follow } from './located.ts';
import type { Located } from './located.ts';
import { bytesOf, maxTimeout, sayAmount, secondsOf } from './quantities.ts';
import { closest } from '../../base/suggest.ts';
import type { Handling } from './types.ts';

/** Seconds between two checkpoints, where the pipeline does not say. */
const defaultInterval = 600;

/** A `Handling`, and where its slots were asked for. */
export interface RawHandling {
  readonly values: Handling;
  readonly places: ReadonlyMap<string, Place>;
}

/** Reads what a stage of the right shape says of its handling; without a word it is the plainest. */
export function readHandling(stage: Located, name: string, faults: Fault[]): RawHandling {
  const valueOf = (key: string) => follow(stage, [key])?.value;
  const { slots, places } = readSlots(valueOf('resources'), faults);
  const values: Handling = {
    retries: Number(valueOf('retries')?.content ?? 0),
    timeout: readTimeout(valueOf('timeout'), faults),
    checkpoint: readInterval(valueOf('checkpoint'), faults),
    frozen: valueOf('frozen')?.content === true,
    always: valueOf('always')?.content === true,
    keep: readKeep(valueOf('keep')),
    resources: slots,
  };
  if (values.frozen && values.always) {
    const also = follow(stage, ['always'])?.key;
    faults.push({
      code: 'ERS_SCHEMA',
      message: `${name} is \`frozen\`, which never runs, and \`always\`, which runs each time.`,
      place: follow(stage, ['frozen'])?.key ?? stage.place,
      ...(also === undefined ? {} : { also }),
      hint: 'Keep one of the two.',
    });
  }
  return { values, places };
}

export interface Slots {
  readonly slots: Readonly<Record<string, number>>;
  readonly places: ReadonlyMap<string, Place>;
}

/** Named amounts of a `resources` or `slots` mapping: `mem` in bytes, all others counted. */
export function readSlots(node: Located | undefined, faults: Fault[]): Slots {
  const places = new Map<string, Place>();
  const slots: [string, number][] = [];
  for (const [name, { value }] of asMapping(node) ?? []) {
    const { content, place } = value;
    places.set(name, place);
    if (typeof content === 'number' || typeof content === 'string') {
      const amount = bytesOf(content);
      if (!Number.isSafeInteger(amount)) {
        const message = `\`${name}\`: ${content} is more than can be counted.`;
        faults.push({ code: 'ERS_SCHEMA', message, place, hint: 'Give less than 9000T.' });
      }
      slots.push([name, amount]);
    }
  }
  return { slots: Object.fromEntries(slots), places };
}

/** A stage that asks for more than there is could never start; a slot that nearly has the name of a stated one is a slip. */
export function checkSlots(
  name: string,
  { values, places }: RawHandling,
  stated: Slots,
  faults: Fault[],
): void {
  for (const [slot, wanted] of Object.entries(values.resources)) {
    const place = places.get(slot);
    if (place === undefined) throw new Error(`Internal error: the slot ${slot} has no place`);
    if (Object.hasOwn(stated.slots, slot)) {
      const there = stated.slots[slot] ?? 0;
      const also = stated.places.get(slot);
      if (wanted <= there) continue;
      const isSize = slot === 'mem';
      const [asked, had] = isSize ? [sayAmount(wanted, 'up'), sayAmount(there)] : [wanted, there];
      faults.push({
        code: 'ERS_SCHEMA',
        message: `${name} needs ${asked} of \`${slot}\`, and \`slots\` states ${had}: it could never start.`,
        place,
        ...(also === undefined ? {} : { also }),
        hint: 'Ask for less, or state more.',
      });
    } else {
      const meant = closest(slot, Object.keys(stated.slots));
      if (meant === undefined || slot === 'gpu' || slot === 'mem') continue;
      const also = stated.places.get(meant);
      faults.push({
        code: 'ERS_SCHEMA',
        message: `\`slots\` states no \`${slot}\`.`,
        place,
        ...(also === undefined ? {} : { also }),
        hint: `Did you mean \`${meant}\`?`,
      });
    }
  }
}

function readTimeout(node: Located | undefined, faults: Fault[]): number | null {
  const content = node?.content;
  if (node === undefined || (typeof content !== 'number' && typeof content !== 'string')) return null;
  const seconds = secondsOf(content);
  if (seconds <= 0 || seconds > maxTimeout) {
    faults.push({
      code: 'ERS_SCHEMA',
      message: `\`timeout\`: expected a time above 0 and of at most ${maxTimeout / 3600}h, got ${content}.`,
      place: node.place,
      hint: 'Write it as 90s, 30m or 2h; without it a stage may take as long as it needs.',
    });
  }
  return seconds;
}

function readInterval(node: Located | undefined, faults: Fault[]): number {
  const content = node?.content;
  if (node === undefined || (typeof content !== 'number' && typeof content !== 'string')) {
    return defaultInterval;
  }
  const seconds = secondsOf(content);
  if (seconds < 0 || seconds > maxTimeout) {
    faults.push({
      code: 'ERS_SCHEMA',
      message: `\`checkpoint\`: expected a time from 0 to ${maxTimeout / 3600}h, got ${content}.`,
      place: node.place,
      hint: 'Write it as 90s, 10m or 1h; it changes no result, only how much a kill can cost.',
    });
  }
  return seconds;
}

function readKeep(node: Located | undefined): Handling['keep'] {
  const content = node?.content;
  return content === 'all' || content === 'last' || content === 'none' ? content : null;
}
