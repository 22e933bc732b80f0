import { Box, Static, Text } from 'ink';
import type { ReactElement } from 'react';
import { nameColumn, sayPlanned, type WhyLine } from '../say.ts';
import type { LogItem, StageView, UiState } from '../state.ts';
import { summarise, type Artifacts } from '../summary.ts';
import { plural, sayClock } from '../units.ts';
import { ink } from './ink-colour.ts';
import { LogRow } from './log-row.tsx';
import { RunningStage } from './running-stage.tsx';
import { RuntimePanel } from './runtime-panel.tsx';
import { StageRow } from './stage-row.tsx';
import { SummaryPanel } from './summary-panel.tsx';

export interface ScreenProps {
  readonly state: UiState;
  readonly artifacts: Artifacts;
  readonly why: WhyLine;
  /** The terminal's size in characters. */
  readonly width: number;
  readonly height: number;
}

/** Everything on the terminal: what is over scrolls away above, what is live stays below. A pure function of its props. */
export function Screen({ state, artifacts, why, width, height }: ScreenProps): ReactElement {
  // In a narrow terminal reasons give way before names do.
  const nameWidth = Math.min(nameColumn(state.stages), Math.max(16, width - 40));
  return (
    <Box flexDirection="column" width={width}>
      <Static items={[...state.log]} style={{ width }}>
        {(item: LogItem, at: number) => <LogRow key={at} item={item} nameWidth={nameWidth} why={why} />}
      </Static>
      {state.finished === undefined ? (
        <Live state={state} why={why} nameWidth={nameWidth} width={width} height={height} />
      ) : (
        <SummaryPanel summary={summarise(state, artifacts)} />
      )}
    </Box>
  );
}

interface LiveProps {
  readonly state: UiState;
  readonly why: WhyLine;
  readonly nameWidth: number;
  readonly width: number;
  readonly height: number;
}

function Live({ state, why, nameWidth, width, height }: LiveProps): ReactElement {
  const running = state.stages.filter((view) => view.status === 'running' || view.status === 'waiting');
  const planned = state.stages.filter((view) => view.status === 'planned');
  const { runtime, now } = state;
  // The live part must be lower than the terminal, or every redraw would clear the scrollback.
  const chartRows = height >= 24 ? 5 : height >= 18 ? 3 : 0;
  const room = Math.max(0, height - 7 - running.length * (6 + (chartRows === 0 ? 0 : chartRows + 3)));
  return (
    <Box flexDirection="column" marginTop={state.log.length > 0 ? 1 : 0}>
      {runtime === undefined || runtime.event.phase === 'ready' ? null : (
        <RuntimePanel runtime={runtime} now={now} width={width} />
      )}
      {running.map((view) => (
        <RunningStage
          key={view.stage}
          view={view}
          now={now}
          nameWidth={nameWidth}
          width={width}
          chartRows={running.length > 1 ? 0 : chartRows}
          why={why}
        />
      ))}
      {planned.slice(0, room).map((view) => (
        <PlannedStageRow key={view.stage} view={view} nameWidth={nameWidth} why={why} />
      ))}
      <Footer state={state} hidden={Math.max(0, planned.length - room)} />
    </Box>
  );
}

function PlannedStageRow({
  view,
  nameWidth,
  why,
}: {
  readonly view: StageView;
  readonly nameWidth: number;
  readonly why: WhyLine;
}): ReactElement {
  return (
    <StageRow
      icon="○"
      stage={view.stage}
      nameWidth={nameWidth}
      word={view.planned.state}
      text={sayPlanned(view.planned, why)}
      role="why"
      wrap="truncate-end"
    />
  );
}

function Footer({ state, hidden }: { readonly state: UiState; readonly hidden: number }): ReactElement {
  const finished = state.stages.filter((view) => view.status === 'finished').length;
  const clock = sayClock((state.now - state.startedAt) / 1000);
  const isRunning = state.stages.some((view) => view.status === 'running');
  if (state.stopping) {
    const ending = state.stages.flatMap(({ stage, status, ending: doing }) =>
      status === 'running' && doing !== undefined ? [`${stage} is ${doing}`] : [],
    );
    const what =
      ending.length > 0 ? `stopping: ${ending.join(', ')}…` : isRunning ? 'stopping, saving…' : 'stopping…';
    return <Text {...ink('warning')}>{`${clock}  ${what} (Ctrl-C again to leave at once)`}</Text>;
  }
  return (
    <Text {...ink('why')} dimColor wrap="truncate-end">
      {hidden > 0 ? `… and ${plural(hidden, 'more stage')}  ` : ''}
      {`${clock}  ${finished} of ${plural(state.stages.length, 'stage')} done  Ctrl-C ${isRunning ? 'saves and stops' : 'stops'}`}
    </Text>
  );
}
