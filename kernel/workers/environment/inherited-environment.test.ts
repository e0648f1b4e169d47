import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENTRIES_TAKEN_AWAY, TAKEN_AWAY } from './environment-rules.ts'
import { inheritedEnvironment } from './inherited-environment.ts'

const HOOK = {
  GIT_DIR: '/r/.git/worktrees/wt',
  GIT_INDEX_FILE: '/r/.git/worktrees/wt/index',
  GIT_EXEC_PATH: '/usr/lib/git-core',
}
const NPM = { npm_lifecycle_event: 'start', npm_execpath: '/usr/lib/npm-cli.js', npm_config_prefix: '/usr' }
const left = (base: Record<string, string>) => inheritedEnvironment(base).env

describe('E1: the variables of a git hook', () => {
  it('are removed: its repository, its index, its author and date, its editor, the folder of git’s own programs', () => {
    const base = {
      ...HOOK,
      GIT_PREFIX: '',
      GIT_WORK_TREE: '/r',
      GIT_OBJECT_DIRECTORY: '/r/.git/objects',
      GIT_ALTERNATE_OBJECT_DIRECTORIES: '/q',
      GIT_QUARANTINE_PATH: '/q',
      GIT_CONFIG_PARAMETERS: "'user.name'='x'",
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.bare',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_INTERNAL_TOPLEVEL: '/r',
      GIT_PUSH_OPTION_COUNT: '0',
      GIT_REFLOG_ACTION: 'rebase',
      GIT_EDITOR: ':',
      GIT_AUTHOR_NAME: 'x',
      GIT_AUTHOR_DATE: '@1 +0000',
      PATH: '/usr/lib/git-core:/usr/bin',
    }
    expect(left(base)).toEqual({ PATH: '/usr/bin' })
  })

  it('are removed, but not those that a person sets', () => {
    const own = {
      GIT_SSH_COMMAND: 'ssh -i key',
      GIT_SSL_CAINFO: '/ca',
      GIT_CONFIG_GLOBAL: '/gitconfig',
      GIT_EDITOR: 'vim',
      GIT_ASKPASS: '/askpass',
      GIT_TRACE: '1',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_TOKEN: 'secret',
    }
    expect(left({ ...HOOK, ...own })).toEqual(own)
  })

  it('are kept where no hook runs, if a person may set them', () => {
    const own = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_DATE: '2020-01-01', PATH: '/usr/lib/git-core:/usr/bin' }
    expect(left(own)).toEqual(own)
  })
})

describe('E2: the variables of a package runner', () => {
  it('are removed: its settings, and its folders at the head of the PATH', () => {
    const base = {
      ...NPM,
      npm_package_name: 'runboard',
      INIT_CWD: '/src/app',
      NODE: '/usr/bin/node',
      EDITOR: 'vi',
      COLOR: '0',
      NODE_OPTIONS:
        '--require /src/.pnp.cjs --max-old-space-size=4096 --experimental-loader file:///src/.pnp.loader.mjs',
      PATH: '/src/app/node_modules/.bin:/src/node_modules/.bin:/npm/run-script/lib/node-gyp-bin:/usr/bin:/home/me/node_modules/.bin',
    }
    expect(left(base)).toEqual({
      PATH: '/usr/bin:/home/me/node_modules/.bin',
      NODE_OPTIONS: '--max-old-space-size=4096',
    })
  })

  it('are kept where no package runner runs', () => {
    const own = {
      npm_config_registry: 'https://registry.example',
      NPM_CONFIG_PREFIX: '/home/me/.npm',
      NODE_OPTIONS: '--max-old-space-size=4096',
      EDITOR: 'vi',
      PATH: '/project/node_modules/.bin:/usr/bin',
    }
    expect(left(own)).toEqual(own)
  })

  it('are removed too where npm runs inside a git hook', () => {
    const base = {
      ...HOOK,
      ...NPM,
      PATH: '/a/node_modules/.bin:/usr/lib/git-core:/a/node_modules/.bin:/usr/bin',
    }
    expect(left(base)).toEqual({ PATH: '/usr/bin' })
  })
})

describe('E3: the variables of an agent that started Runboard', () => {
  it('are removed, for each agent', () => {
    const base = {
      CLAUDECODE: '1',
      CLAUDE_CODE_ENTRYPOINT: 'cli',
      CLAUDE_CODE_SSE_PORT: '1',
      CLAUDE_CODE_SESSION_ID: 'x',
      CLAUDE_CODE_CHILD_SESSION: '1',
      CODEX_SANDBOX: 'seatbelt',
      CODEX_SANDBOX_NETWORK_DISABLED: '1',
      CODEX_THREAD_ID: 'x',
      GEMINI_CLI: '1',
      SANDBOX: 'sandbox-exec',
      OPENCODE: '1',
      OPENCODE_PID: '7',
      CURSOR_AGENT: '1',
      CURSOR_TRACE_ID: 'x',
      COPILOT_CLI: '1',
      COPILOT_AGENT_SESSION_ID: 'x',
      AI_AGENT: 'claude-code',
      AGENT: 'amp',
    }
    expect(left(base)).toEqual({})
  })

  it('are removed, but not keys and configuration folders', () => {
    const own = {
      ANTHROPIC_API_KEY: 'k',
      CLAUDE_CODE_USE_BEDROCK: '1',
      CLAUDE_CODE_OAUTH_TOKEN: 'k',
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: '1',
      CLAUDE_CONFIG_DIR: '/c',
      CODEX_HOME: '/codex',
      CODEX_API_KEY: 'k',
      GEMINI_API_KEY: 'k',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      OPENCODE_CONFIG: '/o',
      CURSOR_API_KEY: 'k',
      COPILOT_GITHUB_TOKEN: 'k',
      AIDER_MODEL: 'm',
      AGENT: 'my own',
      SANDBOX: 'mine',
    }
    expect(left(own)).toEqual(own)
  })
})

it('removes what Electron, AppImage, systemd and test runners set for their own processes', () => {
  const base = {
    CHROME_DESKTOP: 'runboard.desktop',
    ORIGINAL_XDG_CURRENT_DESKTOP: 'KDE',
    XDG_CURRENT_DESKTOP: 'Unity',
    GDK_BACKEND: 'x11',
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    NOTIFY_SOCKET: '/run/systemd/notify',
    VITEST: 'true',
    NODE_ENV: 'test',
    MAKELEVEL: '1',
    MAKEFLAGS: 'j8',
  }
  expect(left(base)).toEqual({ XDG_CURRENT_DESKTOP: 'KDE' })
  expect(left({ NODE_ENV: 'production', GDK_BACKEND: 'x11' })).toEqual({
    NODE_ENV: 'production',
    GDK_BACKEND: 'x11',
  })
})

it('reports what was removed, and why', () => {
  const { taken, taken_from_path } = inheritedEnvironment({
    CLAUDECODE: '1',
    ...HOOK,
    PATH: '/usr/lib/git-core:/bin',
  })
  expect(taken.map(({ name }) => name)).toEqual(['CLAUDECODE', ...Object.keys(HOOK)])
  expect(taken[0]?.reason).toContain('Claude Code')
  expect(taken_from_path).toEqual(['/usr/lib/git-core'])
})

const code = (names: readonly string[]) => names.map((name) => `\`${name || '""'}\``).join(', ')

it('matches docs/profiles.md', () => {
  const rows = [
    ...TAKEN_AWAY.map(({ names, values, only_with, reason }) => {
      const where = [
        ...(values === undefined ? [] : [`it is ${values.map((value) => code([value])).join(' or ')}`]),
        ...(only_with === undefined ? [] : [`one of ${code(only_with)} is set`]),
      ]
      return `| ${code(names)} | ${where.join(', and ')} | ${reason} |`
    }),
    ...ENTRIES_TAKEN_AWAY.map(({ of, what, reason }) => `| of \`${of}\`: ${what} | | ${reason} |`),
  ]
  const text = readFileSync(new URL('../../../docs/profiles.md', import.meta.url), 'utf8')
  const table = text.split('<!-- environment')[1]?.split('<!-- end -->')[0] ?? ''
  const squeezed = (line: string) => line.replace(/\s+/g, ' ')
  expect(
    table
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
      .map(squeezed),
  ).toEqual(rows.map(squeezed))
})
