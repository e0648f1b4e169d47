import type { TaskGraph } from './graph-model.ts'
import { layOut } from './layout.ts'

/** What the page asks for; `asked` comes back with the answer. */
export interface LayoutRequest {
  asked: number
  graph: Pick<TaskGraph, 'ids' | 'links'>
}

self.onmessage = ({ data: { asked, graph } }: MessageEvent<LayoutRequest>) => {
  self.postMessage({ asked, positions: layOut(graph) })
}
