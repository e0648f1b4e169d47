import type { Profile } from '../contract/index.ts'
import type { AgentFormat } from './agent-format.ts'
import { claude } from './claude.ts'
import { codex } from './codex.ts'
import { gemini } from './gemini.ts'
import { opencode } from './opencode.ts'

// What each agent writes, a JSON object a line, when it is asked to. Seen of the tools themselves (agents.soak.ts runs
// them); where it is documented is said in docs/profiles.md.

export const AGENT_FORMATS: Readonly<Record<Exclude<Profile['usage_parser'], 'none'>, AgentFormat>> = {
  'claude-json': claude,
  'codex-json': codex,
  'gemini-json': gemini,
  'opencode-json': opencode,
}
