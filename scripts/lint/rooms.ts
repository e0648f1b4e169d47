// Which folder of kernel/ may import from which. A folder may not import from one that its list does not name: that
// folder is above it, and the lower one must not depend on it.
import { type Graph, readGraph } from './circles.ts'

/** The folders, and the files of kernel/ itself, from the bottom up; each with what it may import from. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  home: ['api.ts', 'issue-sentence.ts'],
  tables: ['db'],
  db: ['tables', 'home'],
  workflow: ['home'],
  lifecycle: ['workflow', 'tables', 'db', 'api.ts'],
  workers: ['home', 'rounds.ts'],
  'services.ts': ['board', 'dispatcher', 'home', 'db', 'workers', 'api.ts', 'awake-clock.ts'],
  board: ['services.ts', 'workflow', 'lifecycle', 'tables', 'db', 'home', 'workers', 'rounds.ts'],
  diagnostics: ['board', 'lifecycle', 'tables', 'db', 'workers'],
  dispatcher: ['services.ts', 'board', 'lifecycle', 'tables', 'db', 'home', 'workers', 'api.ts', 'rounds.ts'],
  jobs: ['db', 'exchange', 'upkeep'],
  upkeep: ['jobs', 'services.ts', 'board', 'lifecycle', 'tables', 'db', 'home', 'workers'],
  exchange: ['jobs', 'upkeep', 'services.ts', 'workflow', 'board', 'lifecycle', 'tables', 'db', 'home'],
  'profile-test': ['dispatcher', 'diagnostics', 'services.ts', 'board', 'lifecycle', 'tables', 'workers'],
  operations: [
    'profile-test',
    'exchange',
    'upkeep',
    'jobs',
    'dispatcher',
    'diagnostics',
    'services.ts',
    'board',
    'workflow',
    'lifecycle',
    'tables',
    'db',
    'home',
    'workers',
    'api.ts',
  ],
  'api.ts': ['dispatcher'],
  'issue-sentence.ts': [],
  'awake-clock.ts': [],
  'rounds.ts': [],
  'long-reads.ts': ['jobs', 'services.ts', 'board', 'tables', 'api.ts'],
  'kernel.ts': [
    'operations',
    'dispatcher',
    'upkeep',
    'services.ts',
    'long-reads.ts',
    'api.ts',
    'issue-sentence.ts',
  ],
  'read-thread.ts': ['kernel.ts', 'long-reads.ts', 'jobs'],
  'index.ts': ['kernel.ts', 'home', 'workers', 'api.ts'],
}

/** @returns the room of a file of the kernel: its folder, or its name; null for other files */
function roomOf(file: string): string | null {
  const [top, room] = file.split('/')
  if (top !== 'kernel' || room === undefined) return null
  return room
}

/** @returns one sentence for each import that the table forbids, and for each entry that no import needs */
export function trespasses(graph: Graph, rooms: Readonly<Record<string, readonly string[]>>): string[] {
  const used = new Set<string>()
  const found: string[] = []
  for (const [file, targets] of graph) {
    const from = roomOf(file)
    for (const target of from === null ? [] : targets) {
      const to = roomOf(target)
      if (from === null || to === null || from === to) continue
      used.add(`${from} ${to}`)
      if (rooms[from]?.includes(to) === true) continue
      found.push(`kernel/${from} may not import from kernel/${to}: ${file} imports ${target}.`)
    }
  }
  const needless = Object.entries(rooms).flatMap(([from, list]) =>
    list
      .filter((to) => !used.has(`${from} ${to}`))
      .map(
        (to) =>
          `kernel/${from} imports nothing from kernel/${to}: take it off the table in scripts/lint/rooms.ts.`,
      ),
  )
  return [...found, ...needless]
}

if (import.meta.main) {
  const found = trespasses(readGraph('.'), ROOMS)
  if (found.length > 0) console.error(found.join('\n'))
  process.exitCode = found.length === 0 ? 0 : 1
}
