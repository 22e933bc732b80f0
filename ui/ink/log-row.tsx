import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { unreachable } from '../../base/unreachable.ts';
import { faultLines } from '../fault-lines.ts';
import { outcomeRoles } from '../plain-lines.ts';
import { outcomeWord, sayOutcome, sayReasons, type WhyLine } from '../say.ts';
import type { Role } from '../roles.ts';
import type { LogItem } from '../state.ts';
import { ink } from './ink-colour.ts';
import { StageRow } from './stage-row.tsx';

const icons = {
  made: '✔',
  cached: '●',
  restored: '●',
  frozen: '●',
  failed: '✖',
  stopped: '■',
  skipped: '○',
} as const satisfies Record<ReturnType<typeof outcomeWord>, string>;

export interface LogRowProps {
  readonly item: LogItem;
  readonly nameWidth: number;
  readonly why: WhyLine;
}

/** Something that is over: drawn once, above the live part. */
export function LogRow({ item, nameWidth, why }: LogRowProps): ReactElement {
  switch (item.type) {
    case 'finished':
      return <FinishedStage view={item.view} nameWidth={nameWidth} why={why} />;
    case 'notice': {
      const { level, text, stage } = item.notice;
      const said = stage === undefined ? text : `${stage}: ${text}`;
      return level === 'warning' ? (
        <Sentence icon="!" role="warning" text={said} />
      ) : (
        <Sentence icon="·" role="why" text={said} />
      );
    }
    case 'runtime':
      return <Sentence icon="·" role="why" text={item.text} />;
    default:
      return unreachable(item);
  }
}

/** Free text with a mark before it; further lines stand in as far as the first. */
export function Sentence(props: {
  readonly icon: string;
  readonly role: Role;
  readonly text: string;
}): ReactElement {
  return (
    <Box>
      <Box width={2} flexShrink={0}>
        <Text {...ink(props.role)}>{props.icon}</Text>
      </Box>
      <Text {...ink(props.role)}>{props.text}</Text>
    </Box>
  );
}

function FinishedStage(props: {
  readonly view: Extract<LogItem, { readonly type: 'finished' }>['view'];
  readonly nameWidth: number;
  readonly why: WhyLine;
}): ReactElement {
  const { view, nameWidth, why } = props;
  const { outcome } = view;
  const word = outcomeWord(outcome);
  const because = outcome.type === 'made' ? `; ${sayReasons(view.reasons, why(view.stage))}` : '';
  return (
    <Box flexDirection="column">
      <StageRow
        icon={icons[word]}
        stage={view.stage}
        nameWidth={nameWidth}
        word={word}
        text={`${sayOutcome(outcome)}${because}`}
        role={outcomeRoles[word]}
        wrap="wrap"
      />
      {outcome.type === 'failed' ? (
        <Box flexDirection="column" paddingLeft={4}>
          {outcome.faults.flatMap(faultLines).map((line, at) => (
            <Text key={at} {...ink('failed')}>
              {line}
            </Text>
          ))}
        </Box>
      ) : null}
    </Box>
  );
}
