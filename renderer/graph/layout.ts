import { graphlib, layout as layDagre } from '@dagrejs/dagre'
import type { TaskGraph } from './graph-model.ts'

/** The size of a node, in pixels at full scale. */
export const NODE = { width: 216, height: 78 } as const

/** The upper left corner of each node. */
export type Positions = Readonly<Record<string, { x: number; y: number }>>

/** Places each task to the right of what it waits for, with few crossings. Slow for many nodes: see `Layouter`. */
export function layOut({ ids, links }: Pick<TaskGraph, 'ids' | 'links'>): Positions {
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 72, marginx: 24, marginy: 24 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const id of ids) graph.setNode(id, { ...NODE })
  for (const [parent, child] of links) graph.setEdge(parent, child)
  layDagre(graph)
  return Object.fromEntries(
    ids.map((id) => {
      const { x, y } = graph.node(id) as { x: number; y: number } // the centre of the node
      return [id, { x: x - NODE.width / 2, y: y - NODE.height / 2 }]
    }),
  )
}
