import { graphlib, layout as layDagre } from '@dagrejs/dagre'
import type { OperationOutput } from '../../contract/index.ts'

export type Step = OperationOutput<'workflow.show'>['steps'][number]

/** The size of a step, in pixels. */
export const STEP = { width: 148, height: 46 } as const

export interface Point {
  x: number
  y: number
}

/** A way from a step to another; several verdicts may share one. */
export interface DrawnWay {
  from: string
  to: string
  label: string
  /** It leads back: it can be taken a limited number of times. */
  isBack: boolean
  path: string
  at: Point
}

export interface DrawnSteps {
  direction: 'right' | 'down'
  width: number
  height: number
  /** The upper left corner of each step. */
  steps: (Step & Point)[]
  ways: DrawnWay[]
}

/**
 * Places the steps in the order of their ways: from left to right, or from top to bottom where that is too wide.
 *
 * @param available the width to draw in, in pixels
 */
export function layOutSteps(steps: readonly Step[], available = Infinity): DrawnSteps {
  const across = layOut(steps, 'right')
  return across.width <= available ? across : layOut(steps, 'down')
}

function layOut(steps: readonly Step[], direction: DrawnSteps['direction']): DrawnSteps {
  const graph = new graphlib.Graph()
  graph.setGraph(
    direction === 'right'
      ? { rankdir: 'LR', nodesep: 26, ranksep: 60, edgesep: 14, marginx: 16, marginy: 36 }
      : { rankdir: 'TB', nodesep: 12, ranksep: 30, edgesep: 8, marginx: 12, marginy: 16 },
  )
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { key } of steps) graph.setNode(key, { ...STEP })
  const ways = waysOf(steps)
  for (const { from, label, to } of ways.filter((way) => way.from !== way.to))
    graph.setEdge(from, to, { width: 6 * label.length, height: 14, labelpos: 'c', label })
  layDagre(graph)
  const { height = 0, width = 0 } = graph.graph() as { height?: number; width?: number }
  return {
    direction,
    width,
    height,
    steps: steps.map((step) => {
      const { x, y } = graph.node(step.key) as Point // the centre
      return { ...step, x: x - STEP.width / 2, y: y - STEP.height / 2 }
    }),
    ways: ways.map((way) => {
      if (way.from === way.to) return { ...way, ...loopAt(graph.node(way.from) as Point, direction) }
      const { points, x, y } = graph.edge(way.from, way.to) as { points: Point[] } & Partial<Point>
      return { ...way, path: pathThrough(points), at: { x: x ?? 0, y: y ?? 0 } }
    }),
  }
}

function waysOf(steps: readonly Step[]): Pick<DrawnWay, 'from' | 'to' | 'label' | 'isBack'>[] {
  const keys = new Set(steps.map(({ key }) => key))
  return steps.flatMap(({ key: from, ways }) => {
    const targets = [...new Set(ways.map(({ to }) => to))].filter((to) => keys.has(to))
    return targets.map((to) => {
      const taken = ways.filter((way) => way.to === to)
      const label = taken
        .map(
          ({ max_rounds, verdict }) =>
            verdict.replaceAll('_', ' ') + (max_rounds === null ? '' : ` ≤ ${max_rounds}`),
        )
        .join(', ')
      return { from, to, label, isBack: taken.every(({ max_rounds }) => max_rounds !== null) }
    })
  })
}

/** @returns a way from a step to itself, drawn beside the ways to other steps, given the centre of the step */
function loopAt({ x, y }: Point, direction: DrawnSteps['direction']): Pick<DrawnWay, 'path' | 'at'> {
  if (direction === 'down') {
    const right = x + STEP.width / 2
    const path = `M${right},${y - 10} C${right + 26},${y - 24} ${right + 26},${y + 24} ${right},${y + 10}`
    return { path, at: { x: right + 24, y } }
  }
  const bottom = y + STEP.height / 2
  const path = `M${x - 20},${bottom} C${x - 40},${bottom + 26} ${x + 40},${bottom + 26} ${x + 20},${bottom}`
  return { path, at: { x, y: bottom + 24 } }
}

function pathThrough(points: readonly Point[]): string {
  return points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
}
