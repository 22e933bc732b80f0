import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { Role } from '../roles.ts';
import { ink } from './ink-colour.ts';

export interface StageRowProps {
  readonly icon: string;
  readonly stage: string;
  /** Width of the column of names. */
  readonly nameWidth: number;
  readonly word: string;
  readonly text: string;
  readonly role: Role;
  /** Live rows stay one line high; finished ones may wrap. */
  readonly wrap: 'wrap' | 'truncate-end';
}

/** `icon  stage  word  why`: the same four columns in every list of stages. */
export function StageRow({ icon, stage, nameWidth, word, text, role, wrap }: StageRowProps): ReactElement {
  return (
    <Box>
      <Box width={nameWidth + 15} flexShrink={0}>
        <Text {...ink(role)}>{`${icon} `}</Text>
        <Text bold={role !== 'why'} dimColor={role === 'why'}>{`${fitted(stage, nameWidth)}  `}</Text>
        <Text {...ink(role)}>{`${word.padEnd(9)}  `}</Text>
      </Box>
      <Box flexGrow={1}>
        <Text {...ink('why')} wrap={wrap}>
          {text}
        </Text>
      </Box>
    </Box>
  );
}

/** A name that is too long loses its middle: members of a matrix begin alike. */
function fitted(name: string, width: number): string {
  if (name.length <= width) return name.padEnd(width);
  const end = Math.floor((width - 1) / 2);
  return `${name.slice(0, width - 1 - end)}…${name.slice(name.length - end)}`;
}
