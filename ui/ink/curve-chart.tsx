import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { drawCurve, rangeOf } from '../curve.ts';
import type { Role } from '../roles.ts';
import type { CurvePoint } from '../training.ts';
import { ink } from './ink-colour.ts';

export interface CurveChartProps {
  readonly title: string;
  readonly points: readonly CurvePoint[];
  /** Epochs from `from` to `to` lie along the axis. */
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly rows: number;
  readonly role: Role;
}

/** Columns of the axis with its labels. */
const axis = 6;

/** A titled curve with its lowest and highest value; the axis spans the whole training, so that it also tells how far it is. */
export function CurveChart({ title, points, from, to, width, rows, role }: CurveChartProps): ReactElement {
  const columns = Math.max(4, width - axis);
  const { low, high } = rangeOf(points);
  const lines = drawCurve(points, { columns, rows }, { from, to, low, high });
  const label = (row: number): string => {
    if (points.length === 0) return `${' '.repeat(axis - 1)}│`;
    if (row === 0) return `${shortNumber(high).padStart(axis - 1)}┤`;
    return row === rows - 1 ? `${shortNumber(low).padStart(axis - 1)}┤` : `${' '.repeat(axis - 1)}│`;
  };
  const last = `${to}`;
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <Text>
        {' '.repeat(axis)}
        <Text {...ink(role)}>{title}</Text>
      </Text>
      {lines.map((line, row) => (
        <Text key={row}>
          <Text {...ink('why')}>{label(row)}</Text>
          <Text {...ink(role)}>{line}</Text>
        </Text>
      ))}
      <Text {...ink('why')}>{`${' '.repeat(axis - 1)}└${'epoch'.padEnd(columns - last.length)}${last}`}</Text>
    </Box>
  );
}

/** At most five characters: `0.412`, `12.3`, `1e+4`. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return value.toExponential(0);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(size < 9.995 ? 2 : 1);
}
