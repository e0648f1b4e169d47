/**
 * One way in which a run of a preset's agent ends: what it writes, how its process exits, and what follows. `recorded`
 * was written by the tool itself (formats/testing), `reported` follows public bug reports or the
 * tool's published source, `constructed` is composed from such shapes.
 */
export interface EndingCase {
  ending: string
  source: 'recorded' | 'reported' | 'constructed'
  log: (string | object)[]
  /** Default 0; a string is a signal. */
  exit?: number | string
  is: 'finished' | 'unreported' | 'failed' | 'rate_limited'
  /** The line that explains the end, in the agent's words. */
  says?: string
  /** When the limit ends, in seconds after it was hit, if the agent says so. */
  resets?: number
}

/** When the limits of the table are hit. */
export const NOW = Date.UTC(2026, 10, 22, 12)
/** @returns a time some seconds after NOW, in seconds since the epoch as agents write it */
export const after = (seconds: number) => NOW / 1000 + seconds

/** What an agent may say in a task that is about rate limits. */
export const WORDS =
  'I look at src/rate_limit.ts: too many requests there end in HTTP 429. The quota is exceeded.'
/** What a tool may print in such a task. */
export const TEST_OUTPUT =
  'FAIL test/quota.test.ts\n✗ Rate limit exceeded: 429 Too Many Requests\nAssertionError'
