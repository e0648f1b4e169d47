import { readFileSync } from 'node:fs'

/**
 * What each agent wrote when started by its preset, with a model that calls some tools. Only names and folders are
 * changed.
 */
export function recorded(agent: 'claude' | 'codex' | 'copilot' | 'gemini' | 'opencode'): string[] {
  return readFileSync(new URL(`${agent}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
}
