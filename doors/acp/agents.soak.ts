import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import type { OperationOutput, Run, Task } from '../../contract/index.ts'
import type { AcpLine } from '../../formats/acp-lines.ts'
import { parseObject } from '../../formats/json.ts'
import { type Kernel, openKernel } from '../../kernel/index.ts'
import { processesOf } from '../../kernel/testing/aftermath.ts'
import { until } from '../../kernel/testing/until.ts'
import { agentHome, type AgentHome, DOWNLOAD_MS, REAL_AGENTS } from '../testing/real-agents.ts'
import { type Model, type Move, REPORT, startModel } from '../testing/scripted-model.ts'

// Runs the real agents behind the bridge, with a scripted model, through everything that the bridge is for. Needs a
// build, and the network once (npx downloads them).

/** Longer than any of it takes on a busy machine. */
const CASE_MS = 5 * 60_000

type StartLine = Extract<AcpLine, { acp: 'start' }>

interface Case {
  preset: string
  agent: keyof typeof REAL_AGENTS
  /** The adapter that speaks the protocol for it. */
  adapter?: string
  /** The name of its model where that differs from the headless one; null for a model that only its settings name. */
  model?: string | null
  /** What makes it ask a person before an edit. */
  env?: Record<string, string>
  /** The call by which its model writes a file. */
  edit: (path: string, text: string) => Omit<Extract<Move, { tool: RegExp }>, 'mark'>
  /** When it takes a message. */
  message: 'during the turn' | 'in a turn of its own'
  /** How it continues a session. */
  continues: 'resumed' | 'loaded' | 'fresh'
  /** The usage of an attempt of two requests in a session that already had some. */
  usage: object | null
}

const CASES: Case[] = [
  {
    preset: 'claude-acp',
    agent: 'claude-code',
    adapter: '@agentclientprotocol/claude-agent-acp@0.101.0',
    model: 'sonnet',
    edit: (file_path, content) => ({ tool: /^Write$/, input: { file_path, content } }),
    message: 'during the turn',
    continues: 'resumed',
    usage: { input_tokens: 2000, output_tokens: 100 },
  },
  {
    preset: 'codex-acp',
    agent: 'codex',
    adapter: '@agentclientprotocol/codex-acp@2.6.0',
    model: null,
    // It edits in its sandbox unasked, and asks before it leaves that.
    edit: (path, text) => ({
      tool: /^exec_command$/,
      input: {
        cmd: `echo '${text.trim()}' > ${path}`,
        sandbox_permissions: 'require_escalated',
        justification: 'May I polish it?',
      },
    }),
    message: 'during the turn',
    continues: 'resumed',
    usage: { input_tokens: 1600, cached_input_tokens: 400, output_tokens: 100 },
  },
  {
    preset: 'opencode-acp',
    agent: 'opencode',
    env: { OPENCODE_CONFIG_CONTENT: '{"permission":{"edit":"ask"}}' },
    edit: (filePath, content) => ({ tool: /^write$/, input: { filePath, content } }),
    message: 'in a turn of its own',
    continues: 'resumed',
    usage: null,
  },
  {
    preset: 'gemini-acp',
    agent: 'gemini',
    edit: (file_path, content) => ({ tool: /^write_file$/, input: { file_path, content } }),
    message: 'in a turn of its own',
    continues: 'fresh',
    usage: { input_tokens: 2000, output_tokens: 100 },
  },
  {
    preset: 'qwen-acp',
    agent: 'qwen',
    edit: (file_path, content) => ({ tool: /^write_file$/, input: { file_path, content } }),
    message: 'during the turn',
    continues: 'resumed',
    usage: { input_tokens: 2000, output_tokens: 100 },
  },
  {
    preset: 'copilot-acp',
    agent: 'copilot',
    edit: (path, file_text) => ({ tool: /^create$/, input: { path, file_text } }),
    message: 'in a turn of its own',
    continues: 'loaded',
    usage: { input_tokens: 2000, output_tokens: 100 },
  },
]

const NOTE: Move = {
  tool: /runboard[\W_]*heartbeat$/,
  input: { note: 'half of it shines' },
  mark: 'half of it shines',
}
const PAUSE: Move = { say: 'Half of it is polished.', mark: 'Half of it is polished.' }
const BLOCK: Move = {
  tool: /runboard[\W_]*block$/,
  input: { reason: 'Wax or oil?', kind: 'needs_input' },
  mark: 'Wax or oil?',
}

let model: Model
beforeAll(async () => {
  model = await startModel()
})
afterAll(() => model.stop())

/** What was seen of each agent, as rows of the table in docs/profiles.md. */
const seen: string[] = []
const DOCS = fileURLToPath(new URL('../../docs/profiles.md', import.meta.url))
const METHODS = ['load', 'resume', 'fork', 'list']
afterAll(() => {
  console.log(seen.join('\n'))
  const written = readFileSync(DOCS, 'utf8')
  expect(
    seen.filter((row) => !written.includes(row)),
    'rows that docs/profiles.md does not have',
  ).toEqual([])
})

describe.each(CASES)('$preset', ({ adapter, agent, continues, edit, message, preset, usage, ...more }) => {
  let home: AgentHome
  let kernel: Kernel
  let work: string
  beforeAll(async () => {
    home = await agentHome(REAL_AGENTS[agent], model.url, adapter === undefined ? [] : [adapter])
    work = join(home.folder, 'work')
    mkdirSync(work)
    const variables = Object.entries({ IS_SANDBOX: '1', ...more.env })
    const env = variables.flatMap(([name, value]) => ['--env', `${name}=${value}`])
    await home.addProfile('agent', preset, ['--backoff', '0s', ...env])
    await home.runboard('profiles', 'set', 'agent', 'allow_edits=false')
    kernel = openKernel({ home: join(home.folder, 'data'), env: {} })
  }, DOWNLOAD_MS)
  afterAll(async () => {
    await kernel.close()
    home.remove()
  })

  const caller = { actor: 'test', trigger: 'human' } as const
  const show = (id: string): Promise<OperationOutput<'task.show'>> => kernel.call('task.show', { id }, caller)
  const logOf = ({ log_path }: Run) => (log_path === null ? '' : readFileSync(log_path, 'utf8'))
  const startOf = (run: Run) =>
    logOf(run)
      .split('\n')
      .map((line) => parseObject(line))
      .find((line) => line?.['acp'] === 'start') as StartLine | undefined

  it('asks, takes a message, survives a kill, and reports', { timeout: CASE_MS }, async () => {
    const { runboard } = home
    const path = join(work, 'brass.txt')
    const polish: Move = { ...edit(path, 'It is polished.\n'), mark: 'It is polished.' }
    model.follow([polish, message === 'during the turn' ? NOTE : PAUSE])
    const named = more.model === undefined ? REAL_AGENTS[agent].model : more.model
    const { task } = await runboard<{ task: Task }>(
      'create',
      'Polish the brass',
      ...['--assignee', 'agent', '--workspace', `dir:${work}`, '--max-retries', '2', '--max-runtime', '4m'],
      ...(named === null ? [] : ['--model', named]),
    )
    const { id } = task
    onTestFailed(async () => {
      for (const run of (await show(id)).runs) console.log(JSON.stringify(run, null, 2), logOf(run))
    })
    /** Waits for something that happens while the attempt runs: its end fails the test at once. */
    const during = <T>(attempt: number, condition: () => T | Promise<T>, what: string) =>
      until(async () => {
        const found = await condition()
        const { runs } = await show(id)
        if (!found && runs[attempt - 1]?.ended_at != null)
          throw new Error(`attempt ${attempt} ended before ${what}`)
        return found
      }, what)
    // What the agent before said is not this one's.
    model.heard()
    let heard = ''
    const hears = (attempt: number, words: string) =>
      during(attempt, () => (heard += model.heard()).includes(words), `the model hears “${words}”`)
    let dispatching = runboard('dispatch', '--wait')
    let release = () => {}
    try {
      // It asks before the edit, and a person allows it.
      const ask = async () => (await kernel.call('question.list', {}, caller)).questions[0]
      const question = await during(1, ask, 'its question')
      expect(question).toMatchObject({ kind: 'permission', state: 'open' })
      expect(question.title).toContain('brass.txt')
      expect(existsSync(path)).toBe(false)
      release = model.hold()
      await runboard('answer', String(question.id), '--option', 'allow')
      await during(1, () => existsSync(path), 'the edit')
      await hears(1, 'It is polished.')
      expect(readFileSync(path, 'utf8')).toBe('It is polished.\n')

      // A message reaches it while its turn lasts.
      await runboard('tell', id, 'Use the old wax')
      if (message === 'during the turn' && agent !== 'qwen') await during(1, isTold, 'the delivery')
      const finish = release
      release = model.hold()
      finish()
      await hears(1, 'Use the old wax')
      await during(1, isTold, 'the delivery')
      const { messages } = await kernel.call('message.list', { id }, caller)
      expect(messages).toMatchObject([{ state: 'delivered', delivered_how: message }])

      // It is killed, with all that it has started, and the next attempt knows what came before.
      const [first] = (await show(id)).runs
      heard = ''
      model.heard()
      model.follow([BLOCK])
      await killTree(join(home.folder, 'data'), first?.worker_pid ?? 0)
      release()
      await ends()
      heard += model.heard()
      expect(heard, 'what the session knows').toContain('Use the old wax')
      expect(heard, 'what the session knows').toContain(`${id}: Polish the brass`)

      // It ends its attempt with a question, and the next one continues with the answer.
      expect((await show(id)).task).toMatchObject({ status: 'blocked', block_kind: 'needs_input' })
      model.follow([REPORT])
      await runboard('unblock', id, '--answer', 'Wax')
      dispatching = runboard('dispatch', '--wait')
      await ends()
    } finally {
      release()
      if ((await show(id)).task.status === 'running') await runboard('stop', id)
      await dispatching
    }

    /** Waits until no attempt runs. None of them asks for anything more. */
    async function ends(): Promise<void> {
      await until(async () => {
        const { questions } = await kernel.call('question.list', {}, caller)
        if (questions[0] !== undefined) throw new Error(`it asks: ${questions[0].title}`)
        const { status } = (await show(id)).task
        return status !== 'running' && status !== 'ready'
      }, 'the end of the attempts')
      await dispatching
    }

    async function isTold(): Promise<boolean> {
      const { messages } = await kernel.call('message.list', { id }, caller)
      return messages[0]?.delivered_at != null
    }

    const { runs } = await show(id)
    expect(runs).toMatchObject([
      { outcome: 'crashed' },
      { outcome: 'blocked', session_choice: continues === 'fresh' ? 'unsupported' : 'resumed' },
      { outcome: 'completed', summary: 'It shines' },
    ])
    const starts = runs.map(startOf)
    expect(starts.map((start) => start?.how)).toEqual(
      continues === 'fresh' ? ['new', 'new', 'new'] : ['new', continues, continues],
    )
    expect(runs.map((run) => run.usage)).toMatchObject([
      // Its first turn ends before it takes the message.
      message === 'during the turn' ? null : usage,
      usage,
      usage,
    ])
    seen.push(rowOf(preset, starts[0]!, { message, continues, counts: usage !== null }))
  })
})

/** @returns the row of the table in docs/profiles.md */
function rowOf(
  preset: string,
  { agent, mode, offers }: StartLine,
  { counts, continues, message }: { counts: boolean; continues: string; message: string },
): string {
  const listed = (values: readonly string[]) => values.join(', ') || 'none'
  // Copilot CLI names its modes by addresses.
  const short = (name: string) => name.split('#').at(-1) ?? name
  const cells = [
    `\`${preset}\``,
    agent,
    listed(METHODS.filter((method) => offers.sessions.includes(method))),
    listed(offers.modes.map(short)),
    mode === null ? 'none' : short(mode),
    offers.models.length > 0 ? 'yes' : 'no',
    message,
    continues,
    counts ? 'of the attempt' : 'unknown',
  ]
  return `| ${cells.join(' | ')} |`
}

/** Kills a process and all that it has started, at once and without a chance to write anything. */
async function killTree(home: string, root: number): Promise<void> {
  const all = await processesOf(home)
  const isBelow = (pid: number): boolean =>
    pid === root || all.some((each) => each.pid === pid && isBelow(each.ppid))
  for (const { pid } of all.filter((each) => isBelow(each.pid))) process.kill(pid, 'SIGKILL')
}
