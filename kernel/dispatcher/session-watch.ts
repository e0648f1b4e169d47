import { agentNamed, AGENTS, isSessionId } from '../../formats/agents.ts'
import { AGENT_FORMATS } from '../../formats/agent-formats.ts'
import { toPlainLines } from '../../formats/controls.ts'
import { parseObject } from '../../formats/json.ts'
import type { WriteTx } from '../db/connection.ts'
import * as runSessions from '../tables/run-sessions.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { readLog, tailLog } from '../workers/log/log-file.ts'

/** An agent names its session within the first megabyte of its output, or with its last event. */
const MOST_BYTES = 1024 * 1024
const LAST_BYTES = 64 * 1024

/** A session that the output of a run names. */
export interface SeenSession {
  agent: string
  agent_session_id: string
}

/** Reads the beginning of a log, piece by piece as it grows, until an event names the session of its agent. */
export class SessionReader {
  readonly #run: RunRow
  #from = 0
  #isDone: boolean
  #reading: Promise<SeenSession | null> | null = null

  constructor(run: RunRow) {
    this.#run = run
    this.#isDone = agentNamed(run.agent) === null || run.log_path === null
  }

  /** @returns the session, on the first call after the output names it; null before and after, and while another call reads */
  async look(): Promise<SeenSession | null> {
    if (this.#isDone || this.#reading !== null) return null
    this.#reading = this.#read().finally(() => (this.#reading = null))
    return this.#reading
  }

  async #read(): Promise<SeenSession | null> {
    const { bytes } = await readLog(this.#run.log_path ?? '', { from: this.#from, max_bytes: MOST_BYTES })
    // Only whole lines; the rest is read again.
    const end = bytes.lastIndexOf(0x0a) + 1
    this.#from += end
    const seen = sessionIn(this.#run, bytes.subarray(0, end).toString('utf8'))
    this.#isDone = seen !== null || this.#from + bytes.length - end >= MOST_BYTES
    return seen
  }
}

/** @returns the session that the log of a finished run names; null when there is none. Never rejects. */
export async function readSession(run: RunRow): Promise<SeenSession | null> {
  if (agentNamed(run.agent) === null || run.log_path === null) return null
  try {
    const head = await readLog(run.log_path, { from: 0, max_bytes: MOST_BYTES })
    const seen = sessionIn(run, head.bytes.toString('utf8'))
    return seen ?? sessionIn(run, (await tailLog(run.log_path, LAST_BYTES)).bytes.toString('utf8'))
  } catch {
    // `outputOf` reports why the log cannot be read. This must not keep the run open.
    return null
  }
}

function sessionIn({ agent }: RunRow, text: string): SeenSession | null {
  const name = agentNamed(agent)
  if (name === null) return null
  // The bridge writes its log in its own format, whatever the agent is.
  const formats = [AGENT_FORMATS['acp-json'], AGENT_FORMATS[AGENTS[name].parser]]
  for (const line of toPlainLines(text)) {
    const event = parseObject(line)
    const format = event === null ? undefined : formats.find(({ owns }) => owns(event))
    const session = event === null ? null : (format?.session(event) ?? null)
    if (session === null || !isSessionId(session.id)) continue
    const version = session.version?.replace(/[^\w.+-]/g, '').slice(0, 40)
    return {
      agent: version === undefined || version === '' ? name : `${name} ${version}`,
      agent_session_id: session.id,
    }
  }
  return null
}

/** Records the session that the output names, if it is not known yet. */
export function recordSeen(tx: WriteTx, { id }: RunRow, seen: SeenSession): void {
  tx.run(runSessions.setSeen, { id, ...seen })
}
