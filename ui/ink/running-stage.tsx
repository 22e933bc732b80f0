import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { StageView } from '../state.ts';
import { sayWaiting, type WhyLine } from '../say.ts';
import { sayWhy } from '../summary.ts';
import { sayClock, sayCount, sayRate } from '../units.ts';
import { ink } from './ink-colour.ts';
import { ProgressLine } from './progress-line.tsx';
import { spinnerFrame } from './spinner.ts';
import { StageRow } from './stage-row.tsx';
import { TrainingPanel } from './training-panel.tsx';

export interface RunningStageProps {
  readonly view: StageView;
  readonly now: number;
  readonly nameWidth: number;
  readonly width: number;
  readonly chartRows: number;
  readonly why: WhyLine;
}

/** Columns by which the details stand in from the stage's name. */
const indent = 4;

/** A stage at work, or waiting for another run that makes the same. */
export function RunningStage(props: RunningStageProps): ReactElement {
  const { view, now, nameWidth, width, chartRows, why } = props;
  const waiting = view.status === 'waiting';
  return (
    <Box flexDirection="column">
      <StageRow
        icon={spinnerFrame(now)}
        stage={view.stage}
        nameWidth={nameWidth}
        word={waiting ? 'waiting' : sayClock((now - (view.startedAt ?? now)) / 1000)}
        text={waiting ? sayWaiting({ holder: 'another run', ...view }) : sayWhy(view, why)}
        role="running"
        wrap="truncate-end"
      />
      <Box flexDirection="column" paddingLeft={indent}>
        <Details view={view} width={width - indent} chartRows={chartRows} />
      </Box>
    </Box>
  );
}

function Details(props: Pick<RunningStageProps, 'view' | 'width' | 'chartRows'>): ReactElement | null {
  const { view, width, chartRows } = props;
  const { training, progress, printed } = view;
  if (training !== undefined)
    return <TrainingPanel training={training} width={width} chartRows={chartRows} />;
  if (progress !== undefined) {
    const { done, total, unit, label, meter } = progress;
    return (
      <Box flexDirection="column">
        <Text {...ink('why')} wrap="truncate-end">
          {label}
        </Text>
        <ProgressLine
          done={done}
          total={total}
          meter={meter}
          width={width}
          amount={`${sayCount(done)} of ${sayCount(total)} ${unit}`}
          sayPace={(rate) => `${sayRate(rate)}/s`}
        />
      </Box>
    );
  }
  if (printed === undefined) return null;
  return (
    <Text {...ink('why')} wrap="truncate-end">
      {printed}
    </Text>
  );
}
