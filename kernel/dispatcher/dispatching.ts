import { OperationError } from '../../contract/index.ts'
import type { Dispatching } from '../api.ts'
import type { Config } from '../home/config.ts'
import { watchBoards } from '../home/folder-watch.ts'
import type { Services } from '../services.ts'
import { BoardDispatcher } from './board-dispatcher.ts'

/**
 * Interval of the look at boards/ and config.json: for new or removed boards, free leases and changed profiles. The
 * system reports no end of the process that holds a lease, nor when a board can be opened again, nor changes of the file
 * that a config.json leads to.
 */
const LOOK_MS = 1_000
/** The same while all boards are dispatched here, and the system reports changes of both: in case a report was lost. */
const QUIET_LOOK_MS = 30_000
/** An editor writes a file in several steps; after this time they are done. */
const SETTLE_MS = 50

/**
 * Dispatches all boards of a home from this process, for as long as it lives. A board whose lease another living
 * process holds is left alone, and taken over when that process ends.
 */
export function startDispatching(services: Services, holder = process.title): Dispatching {
  let isStopped = false
  let looking: Promise<void> = Promise.resolve()
  let next: NodeJS.Timeout | undefined
  /** Since the last look began. */
  let isReported = false
  let config = configOf(services)
  /** The newest that could be read: an editor may leave half a file for a moment. */
  let readable = config

  const noteConfig = (): void => {
    const before = config
    config = configOf(services)
    if (config === before) return
    const profiles = config === null ? [] : changedProfiles(readable, config)
    readable = config ?? readable
    for (const dispatcher of services.dispatchers.values()) dispatcher.configChanged(profiles)
  }

  /** @returns whether the system reports what the next look is for: all boards are dispatched here now */
  const look = async (): Promise<boolean> => {
    noteConfig()
    const names = services.folders.names()
    const present = new Set(names)
    for (const [slug, { board }] of [...services.dispatchers]) {
      if (!present.has(slug) || !board.isThere()) await services.releaseBoard(slug)
    }
    let isAll = true
    for (const slug of names) {
      if (services.dispatchers.has(slug) || isStopped || !services.folders.exists(slug)) continue
      isAll = (await takeUp(services, slug, holder, lookSoon)) && isAll
    }
    return isAll && !services.config.isLink()
  }

  const lookSafely = async (): Promise<void> => {
    if (isStopped) return
    isReported = false
    // Before the look: what changes meanwhile is reported.
    const isWatched = watch.renew()
    const isQuiet = await look().catch((error: unknown) => {
      services.report('looking for boards failed', error)
      return false
    })
    if (!isReported) lookIn(isQuiet && isWatched ? QUIET_LOOK_MS : LOOK_MS)
  }
  const lookIn = (ms: number): void => {
    if (isStopped) return
    clearTimeout(next)
    next = setTimeout(() => {
      looking = looking.then(lookSafely)
    }, ms)
  }
  const lookSoon = (): void => {
    if (isReported) return
    isReported = true
    lookIn(SETTLE_MS)
  }
  const watch = watchBoards(services.home, ['config.json'], lookSoon)
  // A restored board keeps its folder, so the system reports nothing that brings it back.
  const unlisten = services.onReleased(lookSoon)
  looking = looking.then(lookSafely)

  return {
    async stop() {
      if (isStopped) return
      isStopped = true
      clearTimeout(next)
      watch.stop()
      unlisten()
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

/**
 * @param onLost called when the file of the board is gone or was replaced
 * @returns whether the board is dispatched here now
 */
async function takeUp(
  services: Services,
  slug: string,
  holder: string,
  onLost: () => void,
): Promise<boolean> {
  const known = broken.get(services) ?? new Set<string>()
  broken.set(services, known)
  try {
    const dispatcher = new BoardDispatcher(services, services.board(slug), holder)
    if (!(await dispatcher.take())) return false
    services.dispatchers.set(slug, dispatcher)
    dispatcher.start(onLost)
    known.delete(slug)
    return true
  } catch (error) {
    // Closed for a moment, such as by a restore: the next look takes it up.
    if (error instanceof OperationError && error.code === 'BUSY') return false
    if (!known.has(slug)) services.report(`board ${slug} cannot be dispatched`, error)
    known.add(slug)
    return false
  }
}
