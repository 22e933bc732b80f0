import { openScreen } from '../ui/ink/open-screen.tsx';
import { plainWhy } from '../test/ui/printed.ts';
import { demoRun } from '../test/ui/recording.ts';

/**
 * Plays a recorded run on the screen, to look at it without training: `node bench/show-ui.mjs [speed] [epochs]`.
 * At the end it says what drawing cost.
 */
const speed = Number(process.argv[2] ?? '1');
const epochs = Number(process.argv[3] ?? '10');
const began = performance.now();

const screen = openScreen({
  stdout: process.stdout,
  now: () => (performance.now() - began) * speed,
  artifacts: { evaluate: ['artifacts/evaluate/report.html'] },
  why: plainWhy,
});
process.on('SIGINT', () => screen.stopAsked());
// From here on: loading Ink is paid once.
const used = process.cpuUsage();
for (const { at, event } of demoRun(epochs)) {
  const wait = at / speed - (performance.now() - began);
  if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
  screen.emit(event);
}
await screen.close();
const cost = process.cpuUsage(used);
const seconds = (performance.now() - began) / 1000;
const share = (cost.user + cost.system) / 1e6 / seconds;
process.stderr.write(`drawing took ${(100 * share).toFixed(1)} % of a core over ${seconds.toFixed(0)} s\n`);
