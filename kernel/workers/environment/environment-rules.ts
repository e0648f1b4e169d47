/**
 * Variables that a user's process does not inherit from the process that started Runboard. One list serves workers,
 * checks, tests of profiles and merge hooks; docs/profiles.md shows it, and `profiles test` says what was removed.
 * The aim is the environment of a login shell: what a person sets on purpose stays (keys, configuration folders,
 * GIT_SSH_COMMAND, NODE_OPTIONS); what a program sets for its own children is removed.
 */
export interface EnvironmentRule {
  /** Names of variables; `*` at the end matches any rest. */
  names: readonly string[]
  /** Which program sets them, and what they would do to a worker. Part of a sentence. */
  reason: string
  /** Applies only if one of these is set; written like `names`. */
  only_with?: readonly string[]
  /** Applies only to these values. */
  values?: readonly string[]
}

/** Set by npm, pnpm, yarn and bun for the programs they run. */
const RUNNER = ['npm_lifecycle_event', 'npm_execpath', 'npm_command', 'npm_config_user_agent']
/** Set by git for its hooks, and for programs that it runs on a repository. */
const HOOK = ['GIT_DIR', 'GIT_INDEX_FILE', 'GIT_EXEC_PATH', 'GIT_QUARANTINE_PATH']

export const TAKEN_AWAY: readonly EnvironmentRule[] = [
  {
    names: ['RUNBOARD_*'],
    reason: 'of an outer run: a worker that starts Runboard is another run than those it starts',
  },
  {
    names: [
      'ELECTRON_RUN_AS_NODE',
      'ELECTRON_NO_ATTACH_CONSOLE',
      'NODE_CHANNEL_*',
      'NODE_UNIQUE_ID',
      'CHROME_DESKTOP',
      'ORIGINAL_XDG_CURRENT_DESKTOP',
    ],
    reason: 'set by Electron and Node for Runboard’s own processes',
  },
  {
    names: ['DBUS_SESSION_BUS_ADDRESS'],
    values: ['disabled:'],
    reason: 'set by Electron where there is no session bus',
  },
  {
    names: ['GDK_BACKEND', 'NO_AT_BRIDGE'],
    only_with: ['CHROME_DESKTOP'],
    reason: 'set by Electron for its own windows',
  },
  {
    names: ['APPDIR', 'APPIMAGE', 'ARGV0', 'OWD', 'APPIMAGE_EXIT_AFTER_INSTALL'],
    only_with: ['APPDIR'],
    reason: 'of the mount of an AppImage, which goes away when the app quits',
  },
  {
    names: [
      'DESKTOP_STARTUP_ID',
      'XDG_ACTIVATION_TOKEN',
      'GIO_LAUNCHED_DESKTOP_FILE',
      'GIO_LAUNCHED_DESKTOP_FILE_PID',
      'BAMF_DESKTOP_FILE_HINT',
    ],
    reason: 'of the desktop’s start of the app',
  },
  {
    names: [
      'NOTIFY_SOCKET',
      'LISTEN_FDS',
      'LISTEN_PID',
      'LISTEN_FDNAMES',
      'WATCHDOG_PID',
      'WATCHDOG_USEC',
      'MAINPID',
      'INVOCATION_ID',
      'JOURNAL_STREAM',
      'SYSTEMD_EXEC_PID',
      'MEMORY_PRESSURE_WATCH',
      'MEMORY_PRESSURE_WRITE',
    ],
    reason: 'of a systemd service: a worker would speak for the service',
  },
  {
    names: [
      'GIT_DIR',
      'GIT_WORK_TREE',
      'GIT_IMPLICIT_WORK_TREE',
      'GIT_INDEX_FILE',
      'GIT_OBJECT_DIRECTORY',
      'GIT_ALTERNATE_OBJECT_DIRECTORIES',
      'GIT_COMMON_DIR',
      'GIT_NAMESPACE',
      'GIT_PREFIX',
      'GIT_SUPER_PREFIX',
      'GIT_CONFIG',
      'GIT_CONFIG_PARAMETERS',
      'GIT_CONFIG_COUNT',
      'GIT_CONFIG_KEY_*',
      'GIT_CONFIG_VALUE_*',
      'GIT_GRAFT_FILE',
      'GIT_SHALLOW_FILE',
      'GIT_NO_REPLACE_OBJECTS',
      'GIT_REPLACE_REF_BASE',
      'GIT_QUARANTINE_PATH',
      'GIT_PUSH_OPTION_*',
      'GIT_EXEC_PATH',
      'GIT_REFLOG_ACTION',
      'GIT_CHERRY_PICK_HELP',
      'GIT_ATTR_SOURCE',
      'GIT_PROTOCOL',
      'GIT_LITERAL_PATHSPECS',
      'GIT_GLOB_PATHSPECS',
      'GIT_NOGLOB_PATHSPECS',
      'GIT_ICASE_PATHSPECS',
      'GIT_DIFF_PATH_COUNTER',
      'GIT_DIFF_PATH_TOTAL',
      'GIT_INTERNAL_*',
      'GITHEAD_*',
    ],
    reason:
      'of one repository, set by git for a hook or an alias: a worker’s git would work on that repository, wherever it stands',
  },
  {
    names: ['GIT_AUTHOR_*', 'GIT_COMMITTER_DATE'],
    only_with: HOOK,
    reason: 'of the commit whose hook runs: a worker’s commits would get its author and date',
  },
  { names: ['GIT_EDITOR'], values: [':'], reason: 'set by git for hooks of a commit without an editor' },
  {
    names: ['npm_*'],
    only_with: RUNNER,
    reason:
      'set by npm, pnpm, yarn or bun for a script: a worker’s own npm would take the prefix and settings of that script',
  },
  {
    names: [
      'INIT_CWD',
      'PROJECT_CWD',
      'BERRY_BIN_FOLDER',
      'PNPM_*SCRIPT_SRC_DIR',
      'PNPM_PACKAGE_NAME',
      'NODE',
      'COLOR',
    ],
    only_with: RUNNER,
    reason: 'the same',
  },
  {
    names: ['EDITOR'],
    values: ['vi', 'notepad.exe'],
    only_with: RUNNER,
    reason: 'npm’s own, where the person has set none',
  },
  {
    names: ['MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEOVERRIDES', 'GNUMAKEFLAGS'],
    only_with: ['MAKELEVEL'],
    reason: 'set by make: a worker’s make would ask for the slots of the outer one',
  },
  {
    names: [
      'VITEST',
      'VITEST_*',
      'JEST_WORKER_ID',
      'PLAYWRIGHT_TEST',
      'TEST_WORKER_INDEX',
      'TEST_PARALLEL_INDEX',
    ],
    reason: 'of a test that starts Runboard: a worker’s own tests would take themselves for part of it',
  },
  {
    names: ['NODE_ENV'],
    only_with: ['VITEST', 'JEST_WORKER_ID', 'NODE_ENV_ELECTRON_VITE'],
    reason: 'set by Vitest, Jest or electron-vite',
  },
  { names: ['NODE_V8_COVERAGE'], reason: 'of a test run that measures Runboard' },
  {
    names: [
      'NODE_ENV_ELECTRON_VITE',
      'ELECTRON_RENDERER_URL',
      'ELECTRON_ENTRY',
      'ELECTRON_CLI_ARGS',
      'ELECTRON_EXEC_PATH',
    ],
    reason: 'set by electron-vite for Runboard’s own window',
  },
  {
    names: ['VSCODE_INSPECTOR_OPTIONS', 'VSCODE_DEBUGGER_*'],
    reason: 'of VS Code’s debugger: it would attach to each Node that a worker starts',
  },
  {
    names: [
      'CLAUDECODE',
      'CLAUDE_PID',
      'CLAUDE_PROJECT_DIR',
      'CLAUDE_PLUGIN_ROOT',
      'CLAUDE_ENV_FILE',
      'CLAUDE_SESSION_ID',
      'CLAUDE_AGENT_SDK_VERSION',
      'CLAUDE_CODE_ENTRYPOINT',
      'CLAUDE_CODE_EXECPATH',
      'CLAUDE_CODE_SSE_PORT',
      'CLAUDE_CODE_SESSION_*',
      'CLAUDE_CODE_CHILD_SESSION',
      'CLAUDE_CODE_PARENT_*',
      'CLAUDE_CODE_MESSAGING_*',
      'CLAUDE_CODE_REMOTE*',
      'CLAUDE_CODE_CONTAINER_ID',
      'CLAUDE_CODE_ENVIRONMENT_*',
      'CLAUDE_CODE_WORKER_*',
      'CLAUDE_CODE_WEBSOCKET_*',
      'CLAUDE_CODE_AGENT_*',
      'CLAUDE_CODE_TEAM_NAME',
      'CLAUDE_CODE_TASK_LIST_ID',
      'CLAUDE_CODE_TMUX_*',
    ],
    reason:
      'of a session of Claude Code that started Runboard: a nested one would refuse to start, or join that session',
  },
  {
    names: [
      'CODEX_SANDBOX',
      'CODEX_SANDBOX_*',
      'CODEX_THREAD_ID',
      'CODEX_CI',
      'CODEX_INTERNAL_*',
      'CODEX_MANAGED_BY_*',
    ],
    reason: 'of a session of Codex',
  },
  {
    names: [
      'GEMINI_CLI',
      'GEMINI_CLI_NO_RELAUNCH',
      'GEMINI_CLI_IDE_*',
      'GEMINI_SESSION_ID',
      'GEMINI_PROJECT_DIR',
      'QWEN_CODE',
      'QWEN_CODE_NO_RELAUNCH',
      'QWEN_CODE_IDE_*',
    ],
    reason: 'of a session of Gemini CLI or Qwen Code',
  },
  { names: ['SANDBOX'], only_with: ['GEMINI_CLI', 'QWEN_CODE'], reason: 'the same' },
  {
    names: [
      'OPENCODE',
      'OPENCODE_PID',
      'OPENCODE_CLIENT',
      'OPENCODE_RUN_ID',
      'OPENCODE_PROCESS_ROLE',
      'OPENCODE_SESSION_ID',
      'OPENCODE_SERVER*',
    ],
    reason: 'of a session of OpenCode',
  },
  {
    names: [
      'CURSOR_AGENT',
      'CURSOR_TRACE_ID',
      'CURSOR_SESSION_ID',
      'CURSOR_CLI',
      'CURSOR_EXTENSION_HOST_ROLE',
    ],
    reason: 'of a session of Cursor',
  },
  {
    names: ['COPILOT_CLI', 'COPILOT_AGENT_*', 'COPILOT_SESSION_ID', 'COPILOT_RUN_APP', 'COPILOT_LOADER_PID'],
    reason: 'of a session of GitHub Copilot',
  },
  {
    names: [
      'HERMES_KANBAN_TASK',
      'HERMES_KANBAN_RUN_ID',
      'HERMES_KANBAN_CLAIM_LOCK',
      'HERMES_KANBAN_WORKSPACE',
      'HERMES_KANBAN_BRANCH',
      'HERMES_SESSION_*',
      'HERMES_INTERACTIVE',
    ],
    reason: 'of a session or task of Hermes Agent',
  },
  {
    names: [
      'AI_AGENT',
      'AMP_CURRENT_THREAD_ID',
      'AUGMENT_AGENT',
      'ANTIGRAVITY_AGENT',
      'CLINE_ACTIVE',
      'ROO_ACTIVE',
      'CRUSH',
      'GOOSE_TERMINAL',
      'AGENT_SESSION_ID',
      'TRAE_AI_SHELL_ID',
    ],
    reason: 'by which other agents mark what they start',
  },
  { names: ['AGENT'], values: ['1', 'amp', 'crush', 'goose', 'opencode'], reason: 'the same' },
]

/** A folder at the head of the PATH, or an argument in NODE_OPTIONS, that is removed. */
export interface EntryRule {
  of: 'PATH' | 'NODE_OPTIONS'
  what: string
  reason: string
}

/** In words, for the documentation; inherited-environment.ts implements it. */
export const ENTRIES_TAKEN_AWAY: readonly EntryRule[] = [
  {
    of: 'PATH',
    what: 'at its head, `…/node_modules/.bin`, `…/node-gyp-bin` and yarn’s temporary folders',
    reason: 'put there by npm, pnpm, yarn or bun: Runboard’s own node and tsc would come first',
  },
  { of: 'PATH', what: 'at its head, `…/git-core`', reason: 'put there by git for hooks' },
  { of: 'PATH', what: 'what lies in the mount of an AppImage', reason: 'gone when the app quits' },
  {
    of: 'NODE_OPTIONS',
    what: '`--require …/.pnp.cjs`, `--experimental-loader …/.pnp.loader.mjs`, VS Code’s `--require …/bootloader.js`',
    reason: 'loads yarn’s or the debugger’s code into each Node that a worker starts',
  },
]
