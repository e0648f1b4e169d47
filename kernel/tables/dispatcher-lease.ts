import { statement } from '../db/statement.ts'

/** The dispatcher of a board. One row, or none. */
export interface LeaseRow {
  id: 1
  token: string
  holder: string
  pid: number
  started_key: string | null
  host: string
  acquired_at: number
  renewed_at: number
}

export const get = statement<Record<never, never>, LeaseRow>('SELECT * FROM dispatcher_lease WHERE id = 1')

/** Takes the lease if it is free, or from the holder of `previous`. */
export const take = statement<Omit<LeaseRow, 'id'> & { previous: string | null }>(`
  INSERT INTO dispatcher_lease (id, token, holder, pid, started_key, host, acquired_at, renewed_at)
  VALUES (1, :token, :holder, :pid, :started_key, :host, :acquired_at, :renewed_at)
  ON CONFLICT (id) DO UPDATE SET
    token = excluded.token, holder = excluded.holder, pid = excluded.pid, started_key = excluded.started_key,
    host = excluded.host, acquired_at = excluded.acquired_at, renewed_at = excluded.renewed_at
  WHERE dispatcher_lease.token IS :previous`)

export const renew = statement<{ token: string; now: number }>(
  'UPDATE dispatcher_lease SET renewed_at = :now WHERE id = 1 AND token = :token',
)

export const release = statement<{ token: string }>(
  'DELETE FROM dispatcher_lease WHERE id = 1 AND token = :token',
)
