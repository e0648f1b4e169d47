import uPlot from 'uplot'
import { DAY, HOUR, MINUTE, SECOND } from '../../formats/time.ts'
import type { Plot } from './usage-plots.ts'

export const PLOT_HEIGHT = 160
/** The width of the left axis, in pixels, which holds the widest label. */
const AXIS_WIDTH = 64

const colorOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/**
 * @param labels the labels of the days
 * @param onpoint called with the index of the day under the pointer, or null
 */
export function optionsOf(
  plot: Plot,
  labels: readonly string[],
  width: number,
  onpoint: (day: number | null) => void,
): uPlot.Options {
  const font = `11px ${getComputedStyle(document.body).fontFamily}`
  const axis: uPlot.Axis = {
    stroke: colorOf('--text-3'),
    font,
    grid: { stroke: colorOf('--line'), width: 1 },
    ticks: { show: false },
  }
  // Draws the tallest bars first, so that lower sums are drawn over them.
  const drawn = plot.kind === 'stacked' ? [...plot.series].reverse() : plot.series
  const bars = uPlot.paths.bars?.({ size: [0.7, 40] })
  return {
    width,
    height: PLOT_HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false }, points: { show: plot.kind === 'lines' } },
    scales: {
      x: { time: false, range: [-0.6, labels.length - 0.4] },
      y: { range: (_, _least, most) => [0, Math.max(most, plot.unit === 'count' ? 1 : 1e-9) * 1.05] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        gap: 4,
        space: 64,
        incrs: [1, 2, 5, 7, 10, 14, 30],
        values: (_, days) => days.map((day) => labels[day] ?? ''),
      },
      {
        ...axis,
        size: AXIS_WIDTH,
        space: 28,
        ...STEPS[plot.unit],
        values: (_, values) => values.map((value) => (value === 0 ? '0' : plot.words(value))),
      },
    ],
    series: [
      {},
      ...drawn.map(({ name, color }): uPlot.Series => {
        const stroke = colorOf(color)
        return plot.kind === 'stacked' && bars !== undefined
          ? { label: name, fill: stroke, stroke, width: 0, paths: bars, points: { show: false } }
          : { label: name, stroke, width: 2, spanGaps: true, points: { show: true, size: 5, fill: stroke } }
      }),
    ],
    hooks: { setCursor: [({ cursor }) => onpoint(cursor.idx ?? null)] },
  }
}

/** The steps between the marks of the axis. For money the library chooses. */
const STEPS: Record<Plot['unit'], { incrs?: number[] }> = {
  count: {
    incrs: Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat(),
  },
  time: {
    incrs: [
      ...[1, 5, 10, 30].map((count) => count * SECOND),
      ...[1, 2, 5, 10, 20, 30].map((count) => count * MINUTE),
      ...[1, 2, 4, 6, 12].map((count) => count * HOUR),
      ...[1, 2, 5, 10, 20, 50, 100].map((count) => count * DAY),
    ],
  },
  money: {},
}
