import { styleText } from 'node:util';

/** What a piece of text is for. Colours are chosen here and nowhere else. */
export type Role =
  'title' | 'stage' | 'cached' | 'made' | 'running' | 'failed' | 'warning' | 'why' | 'bar' | 'loss' | 'score';

/** Names that both Ink and Node's `styleText` know; 16-colour names, so that the terminal's own theme decides the shade. */
export const colours = {
  title: 'white',
  stage: 'white',
  cached: 'blue',
  made: 'green',
  running: 'cyan',
  failed: 'red',
  warning: 'yellow',
  why: 'gray',
  bar: 'cyan',
  loss: 'magenta',
  score: 'green',
} as const satisfies Record<Role, string>;

/** Paints text in its role's colour, or leaves it as it is. */
export type Paint = (role: Role, text: string) => string;

export const noPaint: Paint = (_, text) => text;

export const ansiPaint: Paint = (role, text) => styleText(colours[role], text);
