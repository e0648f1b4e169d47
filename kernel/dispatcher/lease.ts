import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Board } from '../board.ts'
import type { WriteTx } from '../db/connection.ts'
import type { Services } from '../services.ts'
import * as leases from '../tables/dispatcher-lease.ts'
import type { LeaseRow } from '../tables/dispatcher-lease.ts'
import { isAlive, isThisHost, startKeyOf } from '../workers/identity.ts'

/** The holder renews this often; one that has not for LEASE_SILENT_MS may be taken over from. */
export const LEASE_RENEW_MS = 5_000
export const LEASE_SILENT_MS = 30_000
/** A silent holder that lives on this host is given this long to renew, seen from here: it may just have woken up. */
const LEASE_PATIENCE_MS = LEASE_RENEW_MS + 1_000

export interface LeaseView {
  /**
   * `alive`: somebody dispatches. `free`: nobody holds it, its holder is gone, or it is silent where it cannot be seen from
   * here. `silent`: the process of its holder lives here and has not renewed it: it hangs, or the machine has just woken up.
   */
  state: 'alive' | 'silent' | 'free'
  row: LeaseRow | null
}

/** @returns who holds the lease of a board */
export function readLease(services: Services, board: Board): LeaseView {
  const row = board.connection.read.get(leases.get, {}) ?? null
  return { state: row === null ? 'free' : leaseState(row, services.clock()), row }
}

/** @returns whether the holder of a lease lives, as `readLease` says it */
export function leaseState(row: LeaseRow, now: number): LeaseView['state'] {
  // Renewed in what is still to come: the clock was set back, and a holder that lives renews it in a moment.
  const isSilent = Math.abs(now - row.renewed_at) >= LEASE_SILENT_MS
  // On this host the process itself tells; elsewhere only its renewals do.
  if (row.started_key === null || !isThisHost(row.host)) return isSilent ? 'free' : 'alive'
  if (!isAlive({ pid: row.pid, started_key: row.started_key })) return 'free'
  return isSilent ? 'silent' : 'alive'
}

/** Silent holders, by board, as they were first seen: their last renewal, and when we saw it, by the awake clock. */
const silentSince = new WeakMap<Services, Map<string, { renewed_at: number; seen: number }>>()

/** @returns for how much longer a silent holder may still renew, in milliseconds; 0 when it hangs */
function patienceLeft(services: Services, board: Board, row: LeaseRow): number {
  const boards = silentSince.get(services) ?? new Map<string, { renewed_at: number; seen: number }>()
  silentSince.set(services, boards)
  const known = boards.get(board.slug)
  const now = services.awake()
  const first = known?.renewed_at === row.renewed_at ? known : { renewed_at: row.renewed_at, seen: now }
  boards.set(board.slug, first)
  return Math.max(0, first.seen + LEASE_PATIENCE_MS - now)
}

/** How often a silent holder is looked at by who waits for it. */
const LOOK_MS = 250

let ownStartKey: string | null | undefined

/** A lease on dispatching one board. At most one holder; each claim checks its token in its own transaction. */
export class Lease {
  readonly #services: Services
  readonly #board: Board
  readonly #holder: string
  #token: string | null = null

  constructor(services: Services, board: Board, holder: string) {
    this.#services = services
    this.#board = board
    this.#holder = holder
  }

  get isHeld(): boolean {
    return this.#token !== null
  }

  /**
   * Takes the lease if nobody alive holds it. Of a holder that lives here and is silent it is taken once it has stayed so
   * for a while: ask again, or `takePatiently`.
   *
   * @returns whether it is ours now
   */
  async take(): Promise<boolean> {
    if (this.#token !== null) return true
    const before = readLease(this.#services, this.#board)
    if (before.state === 'alive') return false
    if (before.state === 'silent' && before.row !== null) {
      if (patienceLeft(this.#services, this.#board, before.row) > 0) return false
    }
    ownStartKey ??= startKeyOf(process.pid)
    const token = randomUUID()
    const taken = await this.#board.connection.write('dispatcher', (tx) =>
      tx.run(leases.take, {
        token,
        holder: this.#holder,
        pid: process.pid,
        started_key: ownStartKey ?? null,
        host: this.#services.host,
        acquired_at: tx.now,
        renewed_at: tx.now,
        previous: before.row?.token ?? null,
      }),
    )
    if (taken === 0) return false
    this.#token = token
    return true
  }

  /** As `take`, but waits for what becomes of a silent holder: seconds, at most. */
  async takePatiently(): Promise<boolean> {
    for (;;) {
      if (await this.take()) return true
      const { state, row } = readLease(this.#services, this.#board)
      if (state !== 'silent' || row === null) return false
      await delay(Math.min(LOOK_MS, patienceLeft(this.#services, this.#board, row)))
    }
  }

  /** @returns false when another process has taken the lease over */
  async renew(): Promise<boolean> {
    const token = this.#token
    if (token === null) return false
    const kept = await this.#board.connection.write('dispatcher', (tx) =>
      tx.run(leases.renew, { token, now: tx.now }),
    )
    if (kept === 0) this.#token = null
    return kept > 0
  }

  async release(): Promise<void> {
    const token = this.#token
    this.#token = null
    // A board that was archived or deleted has been closed already; a file that was replaced takes its lease with it.
    const { connection } = this.#board
    if (token === null || !connection.isOpen || !connection.isCurrent()) return
    await connection.write('dispatcher', (tx) => tx.run(leases.release, { token }))
  }

  /** Inside the transaction of a claim: whether the lease is still ours. */
  isOurs(tx: WriteTx): boolean {
    const ours = this.#token !== null && tx.get(leases.get, {})?.token === this.#token
    if (!ours) this.#token = null
    return ours
  }
}
