import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run, Task, TaskDetail } from '../../contract/index.ts'
import { until } from '../../kernel/testing/until.ts'
import { type Model, startModel } from './test-model.ts'

// Runs the real agents, started by their presets, with a scripted model. Their prompts, calls and events are their own.
// Needs a build, and the network once (npx downloads them).

// Not the synchronous form: the model answers in this process.
const run = promisify(execFile)
const CLI = fileURLToPath(new URL('../../bin/runboard.mjs', import.meta.url))

const DOWNLOAD_MS = 10 * 60_000

interface Agent {
  preset: string
  package: string
  model: string
  /** Its settings, in a home folder of its own, and anything else that makes it use our model. */
  files: (url: string) => Record<string, string>
  env: (url: string) => Record<string, string>
  /** Whether it reports by the tool `complete`; the others report by their exit code. */
  reports: boolean
  /** Flags of its profile. */
  flags?: string[]
  usage: object
  /** How the model refuses, and how the run then ends. The status is one that the agent does not retry. */
  refusal: { status: number; outcome: Run['outcome']; says: string }
}

const AGENTS: Agent[] = [
  {
    preset: 'claude-code',
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
    reports: true,
    usage: { input_tokens: 2000, cached_input_tokens: 400, output_tokens: 100, turns: 2 },
    refusal: { status: 429, outcome: 'rate_limited', says: 'No more for today' },
  },
  {
    preset: 'codex',
    package: '@openai/codex@0.171.0',
    model: 'scripted',
    files: (url) => ({
      '.codex/config.toml': `model_provider = "scripted"
[model_providers.scripted]
name = "scripted"
base_url = "${url}/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
`,
    }),
    env: () => ({ SCRIPTED_KEY: 'none' }),
    reports: true,
    usage: { input_tokens: 2000, cached_input_tokens: 400, output_tokens: 100, turns: 1 },
    refusal: { status: 401, outcome: 'crashed', says: 'No more for today' },
  },
  {
    preset: 'gemini',
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
    reports: false,
    usage: { input_tokens: 1000, cached_input_tokens: 0, output_tokens: 50 },
    refusal: { status: 401, outcome: 'crashed', says: 'No more for today' },
  },
  {
    preset: 'opencode',
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
    reports: true,
    usage: { input_tokens: 2000, output_tokens: 100, turns: 2 },
    refusal: { status: 401, outcome: 'crashed', says: 'No more for today' },
  },
  {
    preset: 'qwen',
    package: '@qwen-code/qwen-code@0.24.4',
    model: 'scripted',
    files: () => ({
      '.qwen/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'openai' } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    }),
    env: (url) => ({ OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `${url}/v1` }),
    // It finds tools by a search, which the scripted model cannot do.
    reports: false,
    flags: ['--completion', 'exit-code'],
    usage: {},
    refusal: { status: 401, outcome: 'crashed', says: 'No more for today' },
  },
  {
    preset: 'copilot',
    package: '@github/copilot@1.0.102',
    model: 'scripted',
    files: () => ({}),
    env: (url) => ({ COPILOT_PROVIDER_BASE_URL: `${url}/v1`, COPILOT_PROVIDER_API_KEY: 'none' }),
    reports: true,
    flags: ['--completion', 'exit-code'],
    usage: {},
    refusal: { status: 401, outcome: 'crashed', says: 'Authentication failed' },
  },
]

let model: Model
beforeAll(async () => {
  model = await startModel()
})
afterAll(() => model.stop())

describe.each(AGENTS)('$preset', (agent) => {
  let folder: string
  let path: string
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-agent-')))
    const found = await run('npx', ['--yes', `--package=${agent.package}`, '--', 'printenv', 'PATH'])
    // Workers do not get the folders that npm puts on the PATH, so the agent's is reached by another name.
    const [installed = ''] = found.stdout.trim().split(delimiter)
    symlinkSync(installed, join(folder, 'bin'))
    path = [join(folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter)
    const home = join(folder, 'home')
    mkdirSync(home, { recursive: true })
    for (const [name, content] of Object.entries(agent.files(model.url))) {
      mkdirSync(dirname(join(home, name)), { recursive: true })
      writeFileSync(join(home, name), content)
    }
    const env = { ...agent.env(model.url), HOME: home, XDG_CONFIG_HOME: join(home, '.config') }
    const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
    await runboard(
      'profiles',
      'add',
      'agent',
      '--preset',
      agent.preset,
      '--backoff',
      '0s',
      ...(agent.flags ?? []),
      ...variables,
    )
  }, DOWNLOAD_MS)
  afterAll(() => {
    rmSync(folder, { recursive: true, maxRetries: 5 })
  })

  const runboard = async <T>(...line: string[]): Promise<T> => {
    const argv = [CLI, '--home', join(folder, 'data'), ...line, '--json']
    const { stdout } = await run(process.execPath, argv, { env: { ...process.env, PATH: path } })
    return JSON.parse(stdout) as T
  }
  const create = async (title: string, retries: number): Promise<string> => {
    const limits = ['--max-retries', String(retries), '--max-runtime', '2m']
    const { task } = await runboard<{ task: Task }>(
      'create',
      title,
      ...['--assignee', 'agent', '--model', agent.model, ...limits],
    )
    return task.id
  }
  const work = async (title: string): Promise<TaskDetail> => {
    const id = await create(title, 1)
    await runboard('dispatch', '--wait')
    return runboard<TaskDetail>('show', id)
  }

  it('completes its task, and reports its usage', async () => {
    model.refuseWith(null)
    const { task, runs } = await work('Polish the brass')
    expect(task.status, JSON.stringify(runs)).toBe('done')
    expect(runs).toMatchObject([
      agent.reports
        ? { outcome: 'completed', summary: 'It shines', metadata: { tests_run: ['mirror'] } }
        : { outcome: 'completed', summary: 'All is done.' },
    ])
    expect(runs[0]?.usage).toMatchObject(agent.usage)
    expect(model.heard(), 'the context of the task').toContain('Polish the brass')
  })

  it('continues its session after a kill', async () => {
    model.refuseWith(null)
    const release = model.hold()
    const id = await create('Sweep the stairs', 2)
    model.heard()
    const dispatching = runboard('dispatch', '--wait')
    let said = ''
    await until(() => (said += model.heard()).includes('Sweep the stairs'))
    const first = await until(async () => {
      const [run] = (await runboard<TaskDetail>('show', id)).runs
      return run?.agent_session_id == null ? null : run
    })
    process.kill(first.worker_pid ?? 0, 'SIGKILL')
    await until(async () => (await runboard<TaskDetail>('show', id)).runs.length === 2)
    release()
    await dispatching

    const { task, runs } = await runboard<TaskDetail>('show', id)
    expect(task.status, JSON.stringify(runs)).toBe('done')
    expect(runs[1]).toMatchObject({
      outcome: 'completed',
      session_choice: 'resumed',
      resumed_from_run: first.id,
      agent_session_id: first.agent_session_id,
    })
    expect(model.heard(), 'what the session knows').toContain(`# ${id}: Sweep the stairs`)
    const { context } = await runboard<{ context: string }>('run', String(runs[1]?.id))
    expect(context).toMatch(/^# Continue /)
  })

  it('reports in words why it failed', async () => {
    model.refuseWith(agent.refusal.status)
    const { runs } = await work('Polish it again')
    expect(runs).toMatchObject([{ outcome: agent.refusal.outcome }])
    expect(runs[0]?.error).toContain(agent.refusal.says)
    expect(runs[0]?.error, 'its events').not.toMatch(/^\{/m)
  })
})
