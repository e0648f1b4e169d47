import type { Call } from '../call.ts'
import type { LocalWork } from './verb.ts'

/** @returns the exit code */
type Work = (call: Call) => Promise<number>

/** The work of each local verb is loaded when it is called, not with the list of verbs. */
export const localWork: Readonly<Record<LocalWork, () => Promise<Work>>> = {
  log: async () => (await import('./log.ts')).log,
  tail: async () => (await import('./tail.ts')).tail,
  serve: async () => (await import('./serve.ts')).serve,
  mcp: async () => (await import('./mcp.ts')).mcp,
  acp: async () => (await import('./acp.ts')).acp,
  ask: async () => (await import('./ask.ts')).ask,
  export: async () => (await import('./export.ts')).exportBoard,
  completion: async () => (await import('./completion.ts')).completion,
  help: async () => (await import('./help.ts')).help,
}
