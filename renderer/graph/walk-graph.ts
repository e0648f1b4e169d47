import type { Neighbours } from './graph-model.ts'
import { NODE, type Positions } from './layout.ts'

type Key = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End'
const KEYS: readonly string[] = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']

/** @returns whether the key moves between tasks */
export function isWalkKey(key: string): key is Key {
  return KEYS.includes(key)
}

/**
 * Where a key leads from a task: left to what it waits for, right to what waits for it, up and down within its column.
 *
 * @returns null when there is no task in that direction
 */
export function stepFrom(id: string, key: Key, positions: Positions, neighbours: Neighbours): string | null {
  const here = positions[id]
  if (here === undefined) return null
  const nearest = (ids: readonly string[]) => sortedByDistance(ids, here.y, positions)[0] ?? null
  if (key === 'ArrowLeft') return nearest(neighbours.parents(id))
  if (key === 'ArrowRight') return nearest(neighbours.children(id))
  const all = Object.keys(positions)
  if (key === 'Home' || key === 'End') {
    const order = [...all].sort((a, b) => compare(a, b, positions))
    return (key === 'Home' ? order[0] : order.at(-1)) ?? null
  }
  const column = all.filter(
    (other) => other !== id && Math.abs((positions[other]?.x ?? 0) - here.x) < NODE.width / 2,
  )
  const beyond = column.filter((other) => {
    const y = positions[other]?.y ?? 0
    return key === 'ArrowUp' ? y < here.y : y > here.y
  })
  return nearest(beyond)
}

function sortedByDistance(ids: readonly string[], y: number, positions: Positions): string[] {
  const distance = (id: string) => Math.abs((positions[id]?.y ?? 0) - y)
  return [...ids].filter((id) => id in positions).sort((a, b) => distance(a) - distance(b))
}

function compare(a: string, b: string, positions: Positions): number {
  const [one, other] = [positions[a], positions[b]]
  if (one === undefined || other === undefined) return 0
  return one.x - other.x || one.y - other.y
}
