import type { Action } from '../shared/actions.svelte.ts'

/** Keyboard actions of the graph. */
export function graphActions(graph: {
  zoomIn: () => unknown
  zoomOut: () => unknown
  fit: () => unknown
  walk: () => unknown
}): Action[] {
  return [
    { id: 'graph.in', label: 'Zoom in', group: 'Graph', keys: ['+', '='], run: graph.zoomIn },
    { id: 'graph.out', label: 'Zoom out', group: 'Graph', keys: ['-'], run: graph.zoomOut },
    { id: 'graph.fit', label: 'Show the whole graph', group: 'Graph', keys: ['0'], run: graph.fit },
    {
      id: 'graph.walk',
      label: 'Move from task to task',
      group: 'Graph',
      keys: ['arrowright', 'arrowleft', 'arrowup', 'arrowdown'],
      fixed: true,
      scope: 'board',
      hidden: true,
      run: graph.walk,
    },
  ]
}
