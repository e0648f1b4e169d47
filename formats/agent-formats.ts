import type { Profile } from '../contract/index.ts'
import type { AgentFormat } from './agent-format.ts'
import { acp } from './acp.ts'
import { claude } from './claude.ts'
import { copilot } from './copilot.ts'
import { codex } from './codex.ts'
import { gemini } from './gemini.ts'
import { opencode } from './opencode.ts'

// The JSON lines of each agent. Observed from the tools themselves (agents.soak.ts runs them); docs/profiles.md says
// which events come from documentation instead.
export const AGENT_FORMATS: Readonly<Record<Exclude<Profile['usage_parser'], 'none'>, AgentFormat>> = {
  'claude-json': claude,
  'codex-json': codex,
  'gemini-json': gemini,
  'opencode-json': opencode,
  'copilot-json': copilot,
  'acp-json': acp,
}
