import { type Profile, PROFILE_DEFAULTS } from '../../contract/index.ts'

/**
 * Ready-made profiles. Their flags follow the tools' public documentation as of November 2026; docs/profiles.md names
 * the pages. agents.soak.ts runs the first six with the real tools and a model of its own. A tool that can read its
 * task from a file or from standard input gets it there: the context of a task with many attempts is longer than an
 * argument may be.
 */

/**
 * The variables that tell `runboard mcp` whose worker it serves. Clients drop variables unless they are configured to
 * pass them.
 */
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

/** Claude Code replaces `${NAME}` from its environment. */
const CLAUDE_MCP = JSON.stringify({
  mcpServers: {
    runboard: {
      command: 'runboard',
      args: ['mcp', '--worker'],
      env: Object.fromEntries(WORKER_VARIABLES.map((name) => [name, `\${${name}}`])),
    },
  },
})

/** OpenCode merges this over its own files, and passes its whole environment to the servers that it starts. */
const OPENCODE_MCP = JSON.stringify({
  mcp: { runboard: { type: 'local', command: ['runboard', 'mcp', '--worker'], enabled: true } },
})

/** Qwen Code passes its whole environment to the servers that it starts. */
const QWEN_MCP = JSON.stringify({
  mcpServers: { runboard: { command: 'runboard', args: ['mcp', '--worker'], trust: true } },
})

/** Codex's adapter merges this over its own files. Without it, Codex would ask before each call of our tools. */
const CODEX_ACP_CONFIG = JSON.stringify({
  mcp_servers: { runboard: { default_tools_approval_mode: 'approve' } },
})

/** Without a `permission` block OpenCode asks nothing. */
const OPENCODE_ACP_CONFIG = JSON.stringify({
  permission: { edit: 'allow', bash: 'ask', webfetch: 'ask', external_directory: 'ask' },
})

/**
 * Copilot CLI replaces `${NAME}` from its environment, and offers only the tools that are named. It accepts such a server only
 * by this option, not from the bridge.
 */
const COPILOT_MCP = JSON.stringify({
  mcpServers: {
    runboard: {
      type: 'local',
      command: 'runboard',
      args: ['mcp', '--worker'],
      tools: ['*'],
      env: Object.fromEntries(WORKER_VARIABLES.map((name) => [name, `\${${name}}`])),
    },
  },
})

/** The common fields of all presets whose agent the bridge (doors/acp) starts. */
const ACP = { driver: 'acp', usage_parser: 'acp-json' } as const

/** For tools that get the context beside their prompt. */
const DO_IT = 'Do the task that the given text describes, in the current folder.'

/**
 * Messages of an agent or a server at a rate limit. They must not match what a task about rate limits prints: names
 * of files and tests, assertions.
 */
const RATE_LIMIT_WORDS = [
  String.raw`^(?!.*(?:\bFAIL\b|[✗✘✕×]|\bnot ok\b|\.(?:test|spec)\.|\.py::|\bassert|\bexpect)).*(?:`,
  [
    String.raw`rate.?limit(?:s|ed)?.?(?:error|exceeded|reached|hit)\b`,
    String.raw`\brate.limited\b`,
    String.raw`(?:usage|session|weekly|daily|hourly|opus) limit reached`,
    String.raw`(?:hit|reached|exceed(?:ed|s)?) (?:your|the|its) (?:[^\s.]+ ){0,4}limit\b`,
    'too many requests',
    String.raw`\b(?:http|status|code|error)\W{0,3}(?:code\W{0,3})?429\b`,
    String.raw`quota (?:exceeded|exhausted|will reset)`,
    String.raw`(?:exceeded|exhausted) your (?:current )?(?:quota|capacity)`,
    'insufficient_quota',
    'resource(?: has been |.?)exhausted',
  ].join('|'),
  ')',
].join('')

/** What aider prints when it gives up; it still exits with 0. */
const AIDER_FAILURES = [
  String.raw`\blitellm\.(?:\w+\.)?\w+(?:Error|Exception)\b`,
  String.raw`^The API provider(?:'s| has| is| timed)`,
  'has hit a token limit',
  String.raw`^Only \d+ reflections allowed`,
].join('|')

/** For versions of Hermes Agent that print their last error as an answer, and exit with 0. */
const HERMES_FAILURES = String.raw`^\W*API call failed after \d+ retries|^No usable credentials`

/** Ready-made profiles, by name. `profiles add NAME --preset P` copies one. */
export const PRESETS: ReadonlyMap<string, Profile> = new Map([
  preset('claude-code', {
    description: 'Claude Code, headless: edits files by itself, reports through runboard',
    command: [
      'claude',
      '-p',
      // One event per line as it happens, so that the log can be followed; with -p it needs --verbose.
      '--output-format',
      'stream-json',
      '--verbose',
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
      // Without it `exec` cancels each tool call that writes, because it cannot ask a person.
      '-c',
      'mcp_servers.runboard.default_tools_approval_mode="approve"',
      '--model',
      '{model}',
      '-',
    ],
    rate_limit_pattern: RATE_LIMIT_WORDS,
    usage_parser: 'codex-json',
  }),
  preset('gemini', {
    description: 'Gemini CLI, headless: edits files by itself; its exit code completes the task',
    command: [
      'gemini',
      '--output-format',
      'stream-json',
      '--approval-mode',
      'auto_edit',
      '--model',
      '{model}',
      '-p',
      DO_IT,
    ],
    // It refuses to work in an untrusted folder, and a worktree is always new.
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    completion: 'exit-code',
    rate_limit_pattern: RATE_LIMIT_WORDS,
    usage_parser: 'gemini-json',
  }),
  preset('opencode', {
    description: 'OpenCode, one run; its exit code completes the task',
    command: ['opencode', 'run', '--format', 'json', '--model', '{model}', DO_IT, '--file', '{context_file}'],
    env: { OPENCODE_CONFIG_CONTENT: OPENCODE_MCP },
    stdin: 'none',
    completion: 'exit-code',
    rate_limit_pattern: RATE_LIMIT_WORDS,
    usage_parser: 'opencode-json',
  }),
  preset('qwen', {
    description: 'Qwen Code, headless: edits files by itself, reports through runboard',
    command: [
      'qwen',
      '--output-format',
      'stream-json',
      // By default, a model decides what the agent may do.
      '--approval-mode',
      'auto-edit',
      '--allowed-tools',
      'mcp__runboard,run_shell_command(runboard)',
      '--mcp-config',
      QWEN_MCP,
      '--model',
      '{model}',
      '-p',
      DO_IT,
    ],
    rate_limit_pattern: RATE_LIMIT_WORDS,
    usage_parser: 'claude-json',
  }),
  preset('copilot', {
    description: 'GitHub Copilot CLI, headless: edits files by itself, reports through runboard',
    command: [
      'copilot',
      '--output-format',
      'json',
      '--no-ask-user',
      '--allow-tool=write',
      '--allow-tool=runboard',
      '--allow-tool=shell(runboard:*)',
      '--additional-mcp-config',
      COPILOT_MCP,
      '--model',
      '{model}',
    ],
    rate_limit_pattern: RATE_LIMIT_WORDS,
    usage_parser: 'copilot-json',
  }),
  preset('claude-acp', {
    ...ACP,
    description: 'Claude Code over ACP: it asks you, and takes messages while it works',
    command: ['claude-agent-acp'],
    // The agent asks before each edit, and the rule allows those in the workspace. Without the rule a person decides.
    acp_mode: 'default',
    allow_edits: true,
    // Otherwise the agent has to search for our tools before it can report.
    env: { ENABLE_TOOL_SEARCH: 'false' },
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('codex-acp', {
    ...ACP,
    description: 'Codex over ACP: it asks you, and takes messages while it works',
    command: ['codex-acp'],
    acp_mode: 'workspace-write',
    env: { CODEX_CONFIG: CODEX_ACP_CONFIG },
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('opencode-acp', {
    ...ACP,
    description: 'OpenCode over ACP: it asks you, and takes messages between its turns',
    command: ['opencode', 'acp'],
    env: { OPENCODE_CONFIG_CONTENT: OPENCODE_ACP_CONFIG },
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('gemini-acp', {
    ...ACP,
    description: 'Gemini CLI over ACP: it asks you, and takes messages between its turns',
    command: ['gemini', '--acp', '--model', '{model}'],
    acp_mode: 'default',
    allow_edits: true,
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true', GEMINI_CLI_NO_RELAUNCH: 'true' },
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('qwen-acp', {
    ...ACP,
    description: 'Qwen Code over ACP: it asks you, and takes messages while it works',
    command: ['qwen', '--acp', '--model', '{model}'],
    acp_mode: 'default',
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('copilot-acp', {
    ...ACP,
    description: 'Copilot CLI over ACP: it asks you, and takes messages between its turns',
    command: [
      'copilot',
      '--acp',
      // It names our tools in requests in a way that any tool could have.
      '--allow-tool=runboard',
      '--additional-mcp-config',
      COPILOT_MCP,
      '--model',
      '{model}',
    ],
    rate_limit_pattern: RATE_LIMIT_WORDS,
  }),
  preset('aider', {
    description: 'aider, one message from the context file; a person accepts what it did',
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
    // Its exit code is 0 even after an error, and it cannot report.
    completion: 'explicit',
    rate_limit_pattern: RATE_LIMIT_WORDS,
    failure_pattern: AIDER_FAILURES,
  }),
  preset('hermes', {
    description: 'Hermes Agent, one query; its exit code completes the task',
    command: ['hermes', 'chat', '-Q', '--model', '{model}', '--query-file', '{context_file}'],
    stdin: 'none',
    completion: 'exit-code',
    rate_limit_pattern: RATE_LIMIT_WORDS,
    failure_pattern: HERMES_FAILURES,
  }),
  preset('shell', {
    description: 'A shell command; the task is done when it exits with code 0',
    shell: 'cat "$RUNBOARD_CONTEXT_FILE"',
    stdin: 'none',
    completion: 'exit-code',
  }),
])
