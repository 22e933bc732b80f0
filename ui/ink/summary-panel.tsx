import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { resultRoles, type Summary } from '../summary.ts';
import { sayScore } from '../units.ts';
import { Sentence } from './log-row.tsx';
import { ink } from './ink-colour.ts';

/** The last thing on the screen: warnings once more, scores, where to look, and how it ended. */
export function SummaryPanel({ summary }: { readonly summary: Summary }): ReactElement {
  const { warnings, scores, look, result, line, failed } = summary;
  return (
    <Box flexDirection="column" marginTop={1}>
      {warnings.map(({ stage, text }, at) => (
        <Sentence key={at} icon="!" role="warning" text={stage === undefined ? text : `${stage}: ${text}`} />
      ))}
      {scores === undefined || result !== 'done' ? null : (
        <Scores stage={scores.stage} metrics={scores.metrics} />
      )}
      {look.map((path) => (
        <Text key={path}>
          <Text {...ink('why')}>{'look at  '}</Text>
          <Text underline>{path}</Text>
        </Text>
      ))}
      <Text>
        <Text bold {...ink(resultRoles[result])}>
          {result}
        </Text>
        {failed.length > 0 ? `: ${failed.join(', ')}` : ''}
        <Text {...ink('why')}>{` ${line}`}</Text>
      </Text>
    </Box>
  );
}

function Scores(props: {
  readonly stage: string;
  readonly metrics: readonly (readonly [string, number])[];
}): ReactElement {
  const rows = props.metrics;
  const width = Math.max(...rows.map(([name]) => name.length));
  return (
    <Box flexDirection="column" borderStyle="round" borderDimColor paddingX={1} alignSelf="flex-start">
      <Text bold>{props.stage}</Text>
      {rows.map(([name, value]) => (
        <Text key={name}>
          <Text {...ink('why')}>{`${name.padEnd(width)}  `}</Text>
          <Text {...ink('score')}>{sayScore(value).padStart(8)}</Text>
        </Text>
      ))}
    </Box>
  );
}
