import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { RuntimeView } from '../state.ts';
import { sayBytes, sayClock } from '../units.ts';
import { ink } from './ink-colour.ts';
import { ProgressLine } from './progress-line.tsx';
import { spinnerFrame } from './spinner.ts';

export interface RuntimePanelProps {
  readonly runtime: RuntimeView;
  readonly now: number;
  readonly width: number;
}

/** The native runtime while it is installed: what is done right now, and how far the download is. */
export function RuntimePanel({ runtime, now, width }: RuntimePanelProps): ReactElement {
  const { event, meter, startedAt } = runtime;
  const { done, total } = event;
  return (
    <Box flexDirection="column">
      <Text wrap="truncate-end">
        <Text {...ink('running')}>{`${spinnerFrame(now)} ${event.runtime}  ${event.phase}  `}</Text>
        <Text {...ink('why')}>{`${sayClock((now - startedAt) / 1000)}  ${event.text}`}</Text>
      </Text>
      {done === undefined || total === undefined ? null : (
        <Box paddingLeft={4}>
          <ProgressLine
            done={done}
            total={total}
            meter={meter}
            width={width - 4}
            amount={`${sayBytes(done)} of ${sayBytes(total)}`}
            sayPace={(rate) => `${sayBytes(rate)}/s`}
          />
        </Box>
      )}
    </Box>
  );
}
