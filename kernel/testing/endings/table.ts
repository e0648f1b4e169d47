import { CLAUDE } from './claude.ts'
import { CODEX } from './codex.ts'
import { COPILOT } from './copilot.ts'
import type { EndingCase } from './ending-case.ts'
import { GEMINI } from './gemini.ts'
import { OPENCODE } from './opencode.ts'
import { AIDER, HERMES, SHELL } from './plain.ts'
import { QWEN } from './qwen.ts'

/** The endings of each preset. */
export const ENDINGS: Record<string, EndingCase[]> = {
  'claude-code': CLAUDE,
  codex: CODEX,
  gemini: GEMINI,
  opencode: OPENCODE,
  qwen: QWEN,
  copilot: COPILOT,
  aider: AIDER,
  hermes: HERMES,
  shell: SHELL,
}

/** @returns the log as the agent writes it */
export const written = (log: EndingCase['log']) =>
  log.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
