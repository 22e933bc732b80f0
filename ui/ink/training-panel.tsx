import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { timeLeft } from '../meter.ts';
import { trainingShare, type Training } from '../training.ts';
import { sayBytes, sayClock, sayLearningRate, sayRate, sayScore, sayShare } from '../units.ts';
import { CurveChart } from './curve-chart.tsx';
import { ink } from './ink-colour.ts';
import { ProgressBar } from './progress-bar.tsx';

export interface TrainingPanelProps {
  readonly training: Training;
  readonly width: number;
  /** Rows of each curve; 0 leaves them out. */
  readonly chartRows: number;
}

/** How far the training is, what the last step said, and its two curves. */
export function TrainingPanel({ training, width, chartRows }: TrainingPanelProps): ReactElement {
  const share = trainingShare(training);
  const left = share === undefined ? undefined : timeLeft(training.meter, share.total);
  const head = `epoch ${training.epoch}/${training.epochs}  step ${training.step}/${training.steps}  `;
  const tail = [
    ...(share === undefined ? [] : [`  ${sayShare(share.done, share.total).padStart(5)}`]),
    ...(left === undefined ? [] : [`  ${sayClock(Math.ceil(left))} left`]),
  ].join('');
  const bar = Math.min(48, Math.max(4, width - head.length - 20));
  const chart = Math.min(56, Math.floor((width - 2) / 2));
  return (
    <Box flexDirection="column">
      <Text wrap="truncate-end">
        {head}
        {share === undefined ? null : <ProgressBar share={share.done / share.total} width={bar} />}
        {tail}
      </Text>
      <Facts training={training} />
      {chartRows === 0 ? null : (
        <Box gap={2} marginTop={1}>
          <CurveChart
            title="train loss"
            points={training.losses}
            from={0}
            to={training.epochs}
            width={chart}
            rows={chartRows}
            role="loss"
          />
          <CurveChart
            title="val IoU"
            points={training.ious}
            from={0}
            to={training.epochs}
            width={chart}
            rows={chartRows}
            role="score"
          />
        </Box>
      )}
    </Box>
  );
}

function Facts({ training }: { readonly training: Training }): ReactElement {
  const { loss, learningRate, imagesPerSecond, stall, memory, peakMemory, best } = training;
  const iou = training.ious.at(-1)?.value;
  return (
    <Box columnGap={3} flexWrap="wrap">
      {loss === undefined ? null : <Fact name="loss" value={sayScore(loss)} role="loss" />}
      {iou === undefined ? null : (
        <Fact
          name="val IoU"
          value={sayScore(iou)}
          role="score"
          {...(best === undefined ? {} : { note: `best ${sayScore(best.valIou)} in epoch ${best.epoch}` })}
        />
      )}
      {learningRate === undefined ? null : <Fact name="lr" value={sayLearningRate(learningRate)} />}
      {imagesPerSecond === undefined ? null : <Fact name="images/s" value={sayRate(imagesPerSecond)} />}
      {stall === undefined ? null : <Fact name="waiting for data" value={`${(100 * stall).toFixed(1)} %`} />}
      {memory === undefined ? null : (
        <Fact
          name="memory"
          value={sayBytes(memory)}
          {...(peakMemory === undefined ? {} : { note: `at most ${sayBytes(peakMemory)}` })}
        />
      )}
    </Box>
  );
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly role?: 'loss' | 'score';
  readonly note?: string;
}

function Fact({ name, value, role, note }: FactProps): ReactElement {
  return (
    <Text>
      <Text {...ink('why')}>{`${name} `}</Text>
      <Text {...(role === undefined ? {} : ink(role))}>{value}</Text>
      {note === undefined ? null : <Text {...ink('why')}>{` (${note})`}</Text>}
    </Text>
  );
}
