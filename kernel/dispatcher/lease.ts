import { randomUUID } from 'node:crypto'
import type { Board } from '../board.ts'
import type { WriteTx } from '../db/connection.ts'
import type { Services } from '../services.ts'
import * as leases from '../tables/dispatcher-lease.ts'
import type { LeaseRow } from '../tables/dispatcher-lease.ts'
import { isAlive, isThisHost, startKeyOf } from '../workers/identity.ts'

/** The holder renews this often; one that has not for LEASE_SILENT_MS may be taken over from. */
export const LEASE_RENEW_MS = 5_000
export const LEASE_SILENT_MS = 30_000

export interface LeaseView {
  /** `alive`: somebody dispatches. `free`: nobody holds it, or its holder is gone or silent. */
  state: 'alive' | 'free'
  row: LeaseRow | null
}

/** @returns who holds the lease of a board */
export function readLease(services: Services, board: Board): LeaseView {
  const row = board.connection.read.get(leases.get, {}) ?? null
  return { state: row !== null && isHeld(row, services.clock()) ? 'alive' : 'free', row }
}

function isHeld(row: LeaseRow, now: number): boolean {
  if (now - row.renewed_at >= LEASE_SILENT_MS) return false
  // On this host the process itself tells; elsewhere only its renewals do.
  if (row.started_key === null || !isThisHost(row.host)) return true
  return isAlive({ pid: row.pid, started_key: row.started_key })
}

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

  /** Takes the lease if nobody alive holds it. @returns whether it is ours now */
  async take(): Promise<boolean> {
    if (this.#token !== null) return true
    const before = readLease(this.#services, this.#board)
    if (before.state === 'alive') return false
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
    if (token === null) return
    await this.#board.connection.write('dispatcher', (tx) => tx.run(leases.release, { token }))
  }

  /** Inside the transaction of a claim: whether the lease is still ours. */
  isOurs(tx: WriteTx): boolean {
    const ours = this.#token !== null && tx.get(leases.get, {})?.token === this.#token
    if (!ours) this.#token = null
    return ours
  }
}
