interface Link {
  parent_id: string
  child_id: string
}

/**
 * Finds the links that close a cycle, in one walk over all links.
 *
 * @returns the links to leave out, so that no task waits for itself
 */
export function closingLinks<L extends Link>(links: Iterable<L>): L[] {
  const children = new Map<string, L[]>()
  for (const link of links) {
    const list = children.get(link.parent_id)
    if (list === undefined) children.set(link.parent_id, [link])
    else list.push(link)
  }
  const closing: L[] = []
  const seen = new Set<string>()
  for (const id of children.keys()) {
    if (!seen.has(id)) walk(id, children, seen, closing)
  }
  return closing
}

/** Depth first, without recursion: a chain of tasks can be as long as a board. */
function walk<L extends Link>(
  start: string,
  children: ReadonlyMap<string, readonly L[]>,
  seen: Set<string>,
  closing: L[],
): void {
  const path = [{ id: start, next: 0 }]
  const onPath = new Set([start])
  seen.add(start)
  for (let place = path.at(-1); place !== undefined; place = path.at(-1)) {
    const link = children.get(place.id)?.[place.next++]
    if (link === undefined) {
      onPath.delete(place.id)
      path.pop()
    } else if (onPath.has(link.child_id)) closing.push(link)
    else if (!seen.has(link.child_id)) {
      seen.add(link.child_id)
      onPath.add(link.child_id)
      path.push({ id: link.child_id, next: 0 })
    }
  }
}
