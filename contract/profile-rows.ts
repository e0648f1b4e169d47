import { z } from 'zod'
import { lazily } from './lazily.ts'
import { maybeAt, maybeText } from './columns.ts'
import { RESUME_RULES } from './sessions.ts'

/** Parsers that extract tokens, cost and last words from an agent's events. */
export const USAGE_PARSERS = [
  'none',
  'claude-json',
  'codex-json',
  'gemini-json',
  'opencode-json',
  'copilot-json',
  'acp-json',
] as const
export const CAPABILITIES = ['worker', 'planner', 'reviewer'] as const
/**
 * How Runboard talks to the worker's program. `process`: it does not; the program gets its context and reports. `acp`:
 * through the bridge, Runboard's process that starts the program and speaks the Agent Client Protocol with it
 * (docs/decisions/acp-bridge.md).
 */
export const DRIVERS = ['process', 'acp'] as const
export const COMPLETIONS = ['explicit', 'exit-code'] as const

export const profile = lazily(() =>
  z
    .object({
      name: z.string(),
      description: maybeText(),
      command: z.array(z.string()).nullable(),
      shell: maybeText(),
      driver: z.enum(DRIVERS),
      acp_mode: maybeText(),
      env: z.record(z.string(), z.string()),
      stdin: z.enum(['none', 'context']),
      completion: z.enum(COMPLETIONS),
      max_concurrent: z.int().nullable(),
      max_runtime_seconds: z.int().nullable(),
      failure_limit: z.int().nullable(),
      backoff_seconds: z.int().nullable(),
      model: maybeText(),
      rate_limit_pattern: maybeText(),
      rate_limit_exit_codes: z.array(z.int()),
      failure_pattern: maybeText(),
      usage_parser: z.enum(USAGE_PARSERS),
      capabilities: z.array(z.enum(CAPABILITIES)),
      /** Whether an attempt may continue the session of an earlier one. */
      resume: z.enum(RESUME_RULES),
      /** How long a run may wait for answers before its task is blocked with the question; null for the default. */
      max_wait_seconds: z.int().nullable(),
      /** What its agents may do without asking: change files inside their workspace, run commands, use tools. */
      allow_edits: z.boolean(),
      allowed_commands: z.array(z.string()),
      allowed_tools: z.array(z.string()),
    })
    .meta({ id: 'Profile' }),
)
export type Profile = z.infer<ReturnType<typeof profile>>

/** A ready-made profile, with where its program is on this machine. */
export const preset = lazily(() =>
  profile().extend({ executable: maybeText(), executable_error: maybeText() }).meta({ id: 'Preset' }),
)
export type Preset = z.infer<ReturnType<typeof preset>>

/** A profile in lists: with its use, and why it is held. */
export const profileState = lazily(() =>
  profile()
    .extend({
      running: z.int(),
      executable: maybeText(),
      executable_error: maybeText(),
      held_since: maybeAt(),
      held_why: maybeText(),
      held_until: maybeAt(),
    })
    .meta({ id: 'ProfileState' }),
)
export type ProfileState = z.infer<ReturnType<typeof profileState>>
