import { type Profile, PROFILE_DEFAULTS } from '../contract/index.ts'

/**
 * Ready-made profiles. Flags are taken from the tools' public documentation, as it stood in November 2026:
 *
 * - Claude Code: docs.claude.com/docs/claude-code/headless (`-p`, `--output-format`, `--permission-mode`,
 *   `--allowedTools`, `--mcp-config`; the prompt may come on stdin)
 * - Codex: developers.openai.com/codex/noninteractive (`exec`, `--json`, `--sandbox`, `-` for a prompt on stdin) and
 *   its configuration reference (`mcp_servers.*.env_vars`: variables that are passed on by name)
 * - Gemini CLI: geminicli.com/docs/cli/headless (`-p`, `--output-format`, `--approval-mode`)
 * - OpenCode: opencode.ai/docs/cli (`run`, `--model`)
 * - aider: aider.chat/docs/scripting.html (`--message-file`, `--yes-always`, `--no-stream`)
 * - Hermes Agent: its own help (`hermes chat -Q -q`)
 *
 * They were not run against the tools themselves here: `profiles test` shows at once whether one works on your machine.
 */

/** The variables by which `runboard mcp` knows whose worker it serves. Clients drop what they are not told to pass. */
export const WORKER_VARIABLES = [
  'RUNBOARD_HOME',
  'RUNBOARD_BOARD',
  'RUNBOARD_TASK',
  'RUNBOARD_RUN',
  'RUNBOARD_CLAIM',
  'RUNBOARD_PROFILE',
] as const

function preset(name: string, fields: Partial<Profile>): [string, Profile] {
  return [name, { name, ...PROFILE_DEFAULTS, ...fields }]
}

/** Claude Code fills `${NAME}` in from its environment. */
const CLAUDE_MCP = JSON.stringify({
  mcpServers: {
    runboard: {
      command: 'runboard',
      args: ['mcp', '--worker'],
      env: Object.fromEntries(WORKER_VARIABLES.map((name) => [name, `\${${name}}`])),
    },
  },
})

const RATE_LIMIT_WORDS = 'rate.?limit|usage limit|too many requests|\\b429\\b|quota'

/** Ready-made profiles, by name. `profiles add NAME --preset P` copies one. */
export const PRESETS: ReadonlyMap<string, Profile> = new Map([
  preset('claude-code', {
    description: 'Claude Code, headless: edits files by itself, reports through runboard',
    command: [
      'claude',
      '-p',
      '--output-format',
      'json',
      '--permission-mode',
      'acceptEdits',
      '--allowedTools',
      'mcp__runboard,Bash(runboard:*)',
      '--mcp-config',
      CLAUDE_MCP,
      '--model',
      '{model}',
    ],
    rate_limit_pattern: RATE_LIMIT_WORDS,
    usage_parser: 'claude-json',
  }),
  preset('codex', {
    description: 'Codex, non-interactive, in its workspace sandbox; reports through runboard',
    command: [
      'codex',
      'exec',
      '--json',
      '--sandbox',
      'workspace-write',
      '--skip-git-repo-check',
      '-c',
      'mcp_servers.runboard.command="runboard"',
      '-c',
      'mcp_servers.runboard.args=["mcp","--worker"]',
      '-c',
      `mcp_servers.runboard.env_vars=${JSON.stringify(WORKER_VARIABLES)}`,
      '--model',
      '{model}',
      '-',
    ],
    rate_limit_pattern: RATE_LIMIT_WORDS,
    usage_parser: 'codex-json',
  }),
  preset('gemini', {
    description: 'Gemini CLI, headless: edits files by itself; its exit code completes the task',
    command: ['gemini', '--approval-mode', 'auto_edit', '--model', '{model}', '-p', '{prompt}'],
    stdin: 'none',
    completion: 'exit-code',
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('opencode', {
    description: 'OpenCode, one run; its exit code completes the task',
    command: ['opencode', 'run', '--model', '{model}', '{prompt}'],
    stdin: 'none',
    completion: 'exit-code',
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('aider', {
    description: 'aider, one message from the context file; its exit code completes the task',
    command: [
      'aider',
      '--yes-always',
      '--no-stream',
      '--model',
      '{model}',
      '--message-file',
      '{context_file}',
    ],
    stdin: 'none',
    completion: 'exit-code',
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('hermes', {
    description: 'Hermes Agent, one query; its exit code completes the task',
    command: ['hermes', 'chat', '-Q', '-q', '{prompt}'],
    stdin: 'none',
    completion: 'exit-code',
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('shell', {
    description: 'A line for the shell; it is done when the line ends well',
    shell: 'cat "$RUNBOARD_CONTEXT_FILE"',
    stdin: 'none',
    completion: 'exit-code',
  }),
])
