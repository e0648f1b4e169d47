import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

// Not the synchronous form: the model answers in this process.
const run = promisify(execFile)
const CLI = fileURLToPath(new URL('../../bin/runboard.cjs', import.meta.url))

/** How long npx may take to download an agent. */
export const DOWNLOAD_MS = 10 * 60_000

/** A coding agent, and how it is made to use the scripted model. */
export interface RealAgent {
  package: string
  model: string
  /** Its settings, by path in a home folder of its own. */
  files: (url: string) => Record<string, string>
  env: (url: string) => Record<string, string>
}

/** The agents, by the name of their headless preset. */
export const REAL_AGENTS = {
  'claude-code': {
    package: '@anthropic-ai/claude-code@2.1.332',
    model: 'claude-sonnet-4-5',
    files: () => ({}),
    env: (url) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'sk-ant-none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      // Without this, it finds tools by a search, which the scripted model cannot do.
      ENABLE_TOOL_SEARCH: 'false',
    }),
  },
  codex: {
    package: '@openai/codex@0.171.0',
    model: 'scripted',
    files: (url) => ({
      // A model that it does not know gets its tools one by one, and not in its prompt.
      '.codex/config.toml': `model = "scripted"
model_provider = "scripted"
[model_providers.scripted]
name = "scripted"
base_url = "${url}/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
`,
    }),
    env: () => ({ SCRIPTED_KEY: 'none' }),
  },
  gemini: {
    package: '@google/gemini-cli@0.61.0',
    model: 'gemini-2.5-pro',
    files: () => ({
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    }),
    env: (url) => ({ GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: url }),
  },
  opencode: {
    package: 'opencode-ai@1.18.33',
    model: 'scripted/one',
    files: (url) => ({
      '.config/opencode/opencode.json': JSON.stringify({
        provider: {
          scripted: {
            npm: '@ai-sdk/openai-compatible',
            options: { baseURL: `${url}/v1`, apiKey: 'none' },
            models: { one: { tool_call: true } },
          },
        },
        small_model: 'scripted/one',
        autoupdate: false,
        share: 'disabled',
      }),
    }),
    env: () => ({}),
  },
  qwen: {
    package: '@qwen-code/qwen-code@0.24.4',
    model: 'scripted',
    files: () => ({
      '.qwen/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'openai' } },
        // Without this, it finds tools by a search, which the scripted model cannot do.
        tools: { toolSearch: { threshold: 100 } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    }),
    env: (url) => ({
      OPENAI_API_KEY: 'none',
      OPENAI_BASE_URL: `${url}/v1`,
      // Otherwise it connects to MCP servers while the model, which takes no time here, already works.
      QWEN_CODE_LEGACY_MCP_BLOCKING: '1',
    }),
  },
  copilot: {
    package: '@github/copilot@1.0.102',
    model: 'scripted',
    files: () => ({}),
    env: (url) => ({ COPILOT_PROVIDER_BASE_URL: `${url}/v1`, COPILOT_PROVIDER_API_KEY: 'none' }),
  },
} as const satisfies Record<string, RealAgent>

export interface AgentHome {
  folder: string
  /** Calls the built command line on a home folder of its own. @returns what it prints as JSON */
  runboard: <T>(...line: string[]) => Promise<T>
  /** Adds a profile that starts the agent by a preset, in the agent's own home and with the scripted model. */
  addProfile: (name: string, preset: string, flags?: readonly string[]) => Promise<void>
  remove: () => void
}

/**
 * Installs an agent by npx, and gives it a home folder, in which it has its settings, and Runboard one.
 *
 * @param url of the scripted model
 * @param packages that have to be on the PATH besides the agent's own
 */
export async function agentHome(
  { env, files, package: own }: RealAgent,
  url: string,
  packages: readonly string[] = [],
): Promise<AgentHome> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-agent-')))
  const wanted = [own, ...packages].map((name) => `--package=${name}`)
  const found = await run('npx', ['--yes', ...wanted, '--', 'printenv', 'PATH'])
  // Workers do not get the folders that npm puts on the PATH, so the agent's is reached by another name.
  const [installed = ''] = found.stdout.trim().split(delimiter)
  symlinkSync(installed, join(folder, 'bin'))
  const path = [join(folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter)
  const home = join(folder, 'home')
  mkdirSync(home, { recursive: true })
  for (const [name, content] of Object.entries(files(url))) {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), content)
  }
  const variables = Object.entries({ ...env(url), HOME: home, XDG_CONFIG_HOME: join(home, '.config') })
  const runboard = async <T>(...line: string[]): Promise<T> => {
    const argv = [CLI, '--home', join(folder, 'data'), ...line, '--json']
    const { stdout } = await run(process.execPath, argv, { env: { ...process.env, PATH: path } })
    return JSON.parse(stdout) as T
  }
  return {
    folder,
    runboard,
    addProfile: async (name, preset, flags = []) => {
      const settings = variables.flatMap(([key, value]) => ['--env', `${key}=${value}`])
      await runboard('profiles', 'add', name, '--preset', preset, ...flags, ...settings)
    },
    remove: () => rmSync(folder, { recursive: true, maxRetries: 5 }),
  }
}
