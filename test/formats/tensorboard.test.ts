import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fileStart, restart, scalars } from '../../formats/tensorboard.ts';

type GoldenEvent =
  | { readonly time: number; readonly version: string }
  | { readonly time: number; readonly restart: number }
  | { readonly time: number; readonly step: number; readonly scalars: Readonly<Record<string, number>> };

interface Golden {
  readonly events: readonly GoldenEvent[];
  /** Base64. */
  readonly file: string;
}

test('records are byte for byte those of the real tensorboard package', () => {
  const path = new URL('../golden/tensorboard/events.json', import.meta.url);
  const { events, file } = JSON.parse(readFileSync(path, 'utf8')) as Golden;
  const ours = events.map((event) => {
    if ('version' in event) return fileStart(event.time);
    if ('restart' in event) return restart(event.time, event.restart);
    return scalars(event.time, event.step, event.scalars);
  });
  expect(Buffer.concat(ours).toString('hex')).toBe(Buffer.from(file, 'base64').toString('hex'));
});
