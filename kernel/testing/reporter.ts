import { fileURLToPath } from 'node:url'

/** How workers of a test reach the kernel. */
export const REPORTER = {
  path: fileURLToPath(new URL('report.ts', import.meta.url)),
  runtime: process.execPath,
  electron: false,
} as const
