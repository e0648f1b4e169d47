import { readIndex } from '../workers/log-index.ts'

/**
 * When each part of a log was first seen. The index says how far the log had grown at a time; turned round, what lies
 * between one entry's end and the next's was first seen at the next's time.
 *
 * @returns byte offsets with the time from which on the output there was seen, ascending
 */
export function readTimes(logPath: string): { offset: number; at: number }[] {
  const { entries } = readIndex(logPath)
  return entries.map(({ time_ms }, index) => ({ offset: entries[index - 1]?.offset ?? 0, at: time_ms }))
}
