import { OperationError } from '../../contract/index.ts'
import type { Dispatching } from '../api.ts'
import type { Config } from '../home/config.ts'
import type { Services } from '../services.ts'
import { BoardDispatcher } from './board-dispatcher.ts'

/** Interval of the look at boards/ and config.json: for new or removed boards, free leases and changed profiles. */
const LOOK_MS = 1_000
/**
 * How many dispatched boards one look checks for a lost or replaced file. A write to such a board notices that as well.
 */
const EXAMINED_BOARDS = 50

/**
 * Dispatches all boards of a home from this process, for as long as it lives. A board whose lease another living
 * process holds is left alone, and taken over when that process ends.
 */
export function startDispatching(services: Services, holder = process.title): Dispatching {
  let isStopped = false
  let looking: Promise<void> = Promise.resolve()
  let config = configOf(services)
  /** The newest that could be read: an editor may leave half a file for a moment. */
  let readable = config

  let examined = 0
  /** The next few of the dispatched boards, in turn. */
  const next = (count: number) => {
    const all = [...services.dispatchers]
    if (all.length <= count) return all
    const start = examined % all.length
    examined = start + count
    return [...all, ...all].slice(start, start + count)
  }

  const look = async (): Promise<void> => {
    const before = config
    config = configOf(services)
    if (config !== before) {
      const profiles = config === null ? [] : changedProfiles(readable, config)
      readable = config ?? readable
      for (const dispatcher of services.dispatchers.values()) dispatcher.configChanged(profiles)
    }
    const names = services.folders.names()
    const present = new Set(names)
    for (const slug of [...services.dispatchers.keys()].filter((known) => !present.has(known))) {
      await services.releaseBoard(slug)
    }
    for (const [slug, dispatcher] of next(EXAMINED_BOARDS)) {
      if (!dispatcher.board.isThere()) await services.releaseBoard(slug)
    }
    for (const slug of names) {
      if (services.dispatchers.has(slug) || isStopped || !services.folders.exists(slug)) continue
      await takeUp(services, slug, holder)
    }
  }
  const lookSafely = () => {
    looking = looking
      .then(look)
      .catch((error: unknown) => services.report('looking for boards failed', error))
  }
  lookSafely()
  const timer = setInterval(lookSafely, LOOK_MS)

  return {
    async stop() {
      if (isStopped) return
      isStopped = true
      clearInterval(timer)
      await looking
      await Promise.all([...services.dispatchers.values()].map((dispatcher) => dispatcher.stop()))
      services.dispatchers.clear()
    },
  }
}

/** null while config.json cannot be read. Operations that need it report why. */
function configOf(services: Services): Config | null {
  try {
    return services.config.read()
  } catch {
    return null
  }
}

/** @returns the profiles that were added, changed or removed, in the file or by becoming unusable */
function changedProfiles(before: Config | null, now: Config): string[] {
  if (before === null) return []
  const textIn = ({ profiles, broken }: Config, name: string) =>
    JSON.stringify([profiles.get(name), broken.get(name)])
  const names = [before, now].flatMap(({ profiles, broken }) => [...profiles.keys(), ...broken.keys()])
  return [...new Set(names)].filter((name) => textIn(before, name) !== textIn(now, name))
}

/** Boards that could not be opened, so that each is reported once. */
const broken = new WeakMap<Services, Set<string>>()

async function takeUp(services: Services, slug: string, holder: string): Promise<void> {
  const known = broken.get(services) ?? new Set<string>()
  broken.set(services, known)
  try {
    const dispatcher = new BoardDispatcher(services, services.board(slug), holder)
    if (!(await dispatcher.take())) return
    services.dispatchers.set(slug, dispatcher)
    dispatcher.start()
    known.delete(slug)
  } catch (error) {
    // Closed for a moment, such as by a restore: the next look takes it up.
    if (error instanceof OperationError && error.code === 'BUSY') return
    if (!known.has(slug)) services.report(`board ${slug} cannot be dispatched`, error)
    known.add(slug)
  }
}
