import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { resultRoles, sayFew, type Scores, type Summary } from '../summary.ts';
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
      {result !== 'done' || scores.length === 0 ? null : <ScoreBox scores={scores} />}
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

/** The numbers of a stage, or a line for each member of a matrix. */
function ScoreBox({ scores }: { readonly scores: readonly Scores[] }): ReactElement {
  const [only, ...others] = scores;
  const isOne = others.length === 0;
  const rows: readonly (readonly [string, string])[] = isOne
    ? (only?.metrics ?? []).map(([name, value]) => [name, sayScore(value).padStart(8)])
    : scores.map((each) => [each.stage, sayFew(each)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return (
    <Box flexDirection="column" borderStyle="round" borderDimColor paddingX={1} alignSelf="flex-start">
      {isOne ? <Text bold>{only?.stage}</Text> : null}
      {rows.map(([name, said]) => (
        <Text key={name}>
          <Text {...ink('why')}>{`${name.padEnd(width)}  `}</Text>
          <Text {...ink('score')}>{said}</Text>
        </Text>
      ))}
    </Box>
  );
}
