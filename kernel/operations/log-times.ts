import { readIndex } from '../workers/log-index.ts'

/** @returns byte offsets of a log with the times at which it was seen to have grown that far, ascending */
export function readTimes(logPath: string): { offset: number; at: number }[] {
  return readIndex(logPath).entries.map(({ offset, time_ms }) => ({ offset, at: time_ms }))
}
