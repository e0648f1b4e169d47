import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Board } from './board.ts'
import type { WriteTx } from '../db/connection.ts'
import type { Services } from '../services.ts'
import * as leases from '../tables/dispatcher-lease.ts'
import type { LeaseRow } from '../tables/dispatcher-lease.ts'
import { isAlive, isThisHost, startKeyOf } from '../workers/process/identity.ts'

/** The holder of a board with workers renews this often. After LEASE_SILENT_MS without a renewal, another process may take the lease. */
export const LEASE_RENEW_MS = 5_000
export const LEASE_SILENT_MS = 30_000
/** A holder without workers renews this often, and before each pass that is later than LEASE_RENEW_MS. */
export const LEASE_IDLE_RENEW_MS = 15_000
/** How long a silent holder that lives on this host has to renew after we first see it: it may just have woken up. */
const LEASE_PATIENCE_MS = LEASE_RENEW_MS + 1_000

export interface LeaseView {
  /**
   * `alive`: a living process dispatches the board. `free`: there is no holder, its process has ended, or it is
   * silent and runs on another host. `silent`: its process lives on this host but has not renewed; it hangs, or the
   * machine has just woken up.
   */
  state: 'alive' | 'silent' | 'free'
  row: LeaseRow | null
}

/** @returns who holds the lease of a board */
export function readLease({ clock }: Pick<Services, 'clock'>, board: Board): LeaseView {
  const row = board.connection.read.get(leases.get, {}) ?? null
  return { state: row === null ? 'free' : leaseState(row, clock()), row }
}

/** @returns the state of a lease, as in `LeaseView` */
export function leaseState(row: LeaseRow, now: number): LeaseView['state'] {
  // A renewal in the future: the clock was set back. A living holder will renew in a moment.
  const isSilent = Math.abs(now - row.renewed_at) >= LEASE_SILENT_MS
  // On this host we can look at the process itself; on another we have only its renewals.
  if (row.started_key === null || !isThisHost(row.host)) return isSilent ? 'free' : 'alive'
  if (!isAlive({ pid: row.pid, started_key: row.started_key })) return 'free'
  return isSilent ? 'silent' : 'alive'
}

/** The services that a lease needs: both clocks, and the name of this host. */
export type LeaseClocks = Pick<Services, 'awake' | 'clock' | 'host'>

/**
 * When each silent holder was first seen, by board: its last renewal, and the time of our look on the awake clock.
 */
const silentSince = new WeakMap<LeaseClocks, Map<string, { renewed_at: number; seen: number }>>()

/** @returns how much longer to wait for a silent holder to renew, in milliseconds; 0 when it hangs */
function patienceLeft(services: LeaseClocks, board: Board, row: LeaseRow): number {
  const boards = silentSince.get(services) ?? new Map<string, { renewed_at: number; seen: number }>()
  silentSince.set(services, boards)
  const known = boards.get(board.slug)
  const now = services.awake()
  const first = known?.renewed_at === row.renewed_at ? known : { renewed_at: row.renewed_at, seen: now }
  boards.set(board.slug, first)
  return Math.max(0, first.seen + LEASE_PATIENCE_MS - now)
}

/** Interval of the checks while waiting for a silent holder. */
const LOOK_MS = 250

let ownStartKey: string | null | undefined

/**
 * A lease on dispatching one board. There is at most one holder; each claim checks its token in its own transaction.
 */
export class Lease {
  readonly #services: LeaseClocks
  readonly #board: Board
  readonly #holder: string
  #token: string | null = null

  constructor(services: LeaseClocks, board: Board, holder: string) {
    this.#services = services
    this.#board = board
    this.#holder = holder
  }

  get isHeld(): boolean {
    return this.#token !== null
  }

  /**
   * Takes the lease if no living process holds it. A silent holder on this host loses it only after it has stayed
   * silent for a while: call again, or use `takePatiently`.
   *
   * @returns whether we hold it now
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

  /** Like `take`, but waits until a silent holder renews or is taken over: a few seconds at most. */
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
    // A power cut ends the holder too, and nothing here depends on the time of a renewal.
    const kept = await this.#board.connection.writeUnsynced('dispatcher', (tx) =>
      tx.run(leases.renew, { token, now: tx.now }),
    )
    if (kept === 0) this.#token = null
    return kept > 0
  }

  async release(): Promise<void> {
    const token = this.#token
    this.#token = null
    // The connection of an archived or deleted board is already closed; a replaced file took its lease with it.
    const { connection } = this.#board
    if (token === null || !connection.isOpen || !connection.isCurrent()) return
    await connection.write('dispatcher', (tx) => tx.run(leases.release, { token }))
  }

  /** Whether we still hold the lease. Call inside the transaction of a claim. */
  isOurs(tx: WriteTx): boolean {
    const ours = this.#token !== null && tx.get(leases.get, {})?.token === this.#token
    if (!ours) this.#token = null
    return ours
  }
}
