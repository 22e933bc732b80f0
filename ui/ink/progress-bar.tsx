import { Text } from 'ink';
import type { ReactElement } from 'react';
import { ink } from './ink-colour.ts';

export interface ProgressBarProps {
  /** 0…1. */
  readonly share: number;
  /** Characters. */
  readonly width: number;
}

/** A line that fills in steps of half a character. */
export function ProgressBar({ share, width }: ProgressBarProps): ReactElement {
  const halves = Math.floor(Math.min(1, Math.max(0, share)) * width * 2);
  const full = Math.floor(halves / 2);
  const half = halves % 2 === 1 ? '╸' : '';
  return (
    <Text>
      <Text {...ink('bar')}>{'━'.repeat(full) + half}</Text>
      <Text {...ink('why')} dimColor>
        {'─'.repeat(Math.max(0, width - full - half.length))}
      </Text>
    </Text>
  );
}
