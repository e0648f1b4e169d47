import type { TaskGraph } from './graph-model.ts'
import { layOut } from './layout.ts'

/** The page's request; the answer repeats `asked`. */
export interface LayoutRequest {
  asked: number
  graph: Pick<TaskGraph, 'ids' | 'links'>
}

self.onmessage = ({ data: { asked, graph } }: MessageEvent<LayoutRequest>) => {
  self.postMessage({ asked, positions: layOut(graph) })
}
