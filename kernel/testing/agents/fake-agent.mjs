// Acts like one of the coding agents: `node fake-agent.mjs NAME [the arguments of the agent]`. It keeps its sessions in the
// folder FAKE_SESSIONS, so that a resumed session has its earlier prompts, and records how it was called. The file FAKE_PLAN has
// one word for each start: ok, fail, login, full, offline (fail before any work), hang (until it is killed), silent (exit 1 at once).
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

const [, , name, ...args] = process.argv
const folder = process.env.FAKE_SESSIONS ?? ''
mkdirSync(folder, { recursive: true })

/** The value behind an option, or behind its `=`. */
const valueOf = (...options) => {
  for (const [index, word] of args.entries()) {
    if (options.includes(word)) return args[index + 1]
    const given = options.find((option) => word.startsWith(`${option}=`))
    if (given !== undefined) return word.slice(given.length + 1)
  }
  return undefined
}
const AGENTS = {
  claude: { resumed: () => valueOf('--resume'), preset: () => valueOf('--session-id') },
  codex: { resumed: () => valueOf('resume'), preset: () => undefined },
  gemini: { resumed: () => valueOf('--resume'), preset: () => undefined },
  opencode: { resumed: () => valueOf('--session'), preset: () => undefined },
  qwen: { resumed: () => valueOf('--resume'), preset: () => valueOf('--session-id') },
  copilot: { resumed: () => valueOf('--resume'), preset: () => valueOf('--session-id') },
}
const REFUSALS = {
  claude: (id) => [
    `No conversation found with session ID: ${id}`,
    {
      type: 'result',
      subtype: 'error_during_execution',
      is_error: true,
      num_turns: 0,
      session_id: id,
      total_cost_usd: 0,
      errors: [`No conversation found with session ID: ${id}`],
    },
  ],
  codex: (id) => [
    `Error: thread/resume: thread/resume failed: no rollout found for thread id ${id} (code -32600)`,
  ],
  gemini: () => ['Error resuming session: No previous sessions found for this project.'],
  opencode: () => ['Error: Session not found'],
  qwen: (id) => [`No saved session found with ID ${id}. Run \`qwen --resume\` without an ID to choose.`],
  copilot: (id) => [`Error: No session, task, or name matched '${id}'.`],
}

const write = (line) => process.stdout.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
const resumed = AGENTS[name].resumed()
const fileOf = (id) => join(folder, `${name}-${id}.json`)
// Agents look for their sessions by folder.
const isKnown = resumed !== undefined && existsSync(fileOf(resumed)) && load(resumed).cwd === process.cwd()
if (resumed !== undefined && !isKnown) {
  for (const line of REFUSALS[name](resumed)) write(line)
  process.exit(name === 'gemini' ? 42 : 1)
}

function load(id) {
  return JSON.parse(readFileSync(fileOf(id), 'utf8'))
}

const plan = existsSync(process.env.FAKE_PLAN ?? '')
  ? readFileSync(process.env.FAKE_PLAN, 'utf8').split('\n')
  : []
const doing = plan[0] || 'ok'
if (plan.length > 0) writeFileSync(process.env.FAKE_PLAN, plan.slice(1).join('\n'))
if (doing === 'silent') process.exit(1)

const id =
  resumed ??
  AGENTS[name].preset() ??
  (name === 'opencode' ? `ses_${randomUUID().replaceAll('-', '')}` : randomUUID())
const session = isKnown ? load(id) : { cwd: process.cwd(), prompts: [], cost: 0, tokens: 0 }
const file = valueOf('--file')
session.prompts.push(file === undefined ? readFileSync(0, 'utf8') : readFileSync(file, 'utf8'))
session.cost += 0.1
session.tokens += 1000
writeFileSync(fileOf(id), JSON.stringify(session))
appendFileSync(join(folder, 'calls'), `${JSON.stringify({ name, args, id, resumed: resumed ?? null })}\n`)

const EVENTS = {
  claude: {
    start: [
      {
        type: 'system',
        subtype: 'init',
        session_id: id,
        model: 'm',
        claude_code_version: '2.1.332',
        uuid: 'u',
      },
    ],
    say: (text) => ({
      type: 'assistant',
      message: { content: [{ type: 'text', text }] },
      session_id: id,
      uuid: 'u',
    }),
    // The cost is that of the session, the tokens are those of the run.
    end: (text, ok) => ({
      type: 'result',
      subtype: ok ? 'success' : 'error_during_execution',
      is_error: !ok,
      num_turns: 1,
      session_id: id,
      ...(ok ? { result: text } : { errors: [text] }),
      total_cost_usd: session.cost,
      usage: { input_tokens: 1000, output_tokens: 10 },
    }),
  },
  codex: {
    start: [{ type: 'thread.started', thread_id: id }, { type: 'turn.started' }],
    say: (text) => ({ type: 'item.completed', item: { id: 'i', type: 'agent_message', text } }),
    end: (text, ok) =>
      ok
        ? {
            type: 'turn.completed',
            usage: { input_tokens: session.tokens, cached_input_tokens: 0, output_tokens: 10 },
          }
        : { type: 'turn.failed', error: { message: text } },
  },
  gemini: {
    start: [{ type: 'init', session_id: id, model: 'm', timestamp: 't' }],
    say: (content) => ({ type: 'message', role: 'assistant', content }),
    end: (text, ok) =>
      ok
        ? { type: 'result', status: 'success', stats: { input_tokens: 1000, output_tokens: 10 } }
        : { type: 'result', status: 'error', error: { type: 'Error', message: text }, stats: {} },
  },
  opencode: {
    start: [{ type: 'step_start', sessionID: id, part: { type: 'step-start' } }],
    say: (text) => ({ type: 'text', sessionID: id, part: { type: 'text', text } }),
    end: (text, ok) =>
      ok
        ? {
            type: 'step_finish',
            sessionID: id,
            part: { reason: 'stop', cost: 0.1, tokens: { input: 1000, output: 10 } },
          }
        : { type: 'error', sessionID: id, error: { name: 'APIError', data: { message: text } } },
  },
  copilot: {
    start: [{ type: 'session.tools_updated', data: { model: 'm' }, timestamp: 't' }],
    say: (content) => ({ type: 'assistant.message', data: { content, toolRequests: [] }, timestamp: 't' }),
    end: (text, ok) =>
      ok
        ? {
            type: 'result',
            sessionId: id,
            exitCode: 0,
            timestamp: 't',
            usage: { inputTokens: session.tokens },
          }
        : { type: 'session.error', data: { errorType: 'query', message: text }, timestamp: 't' },
  },
}
EVENTS.qwen = {
  ...EVENTS.claude,
  start: [
    { type: 'system', subtype: 'init', session_id: id, model: 'm', qwen_code_version: '0.24.4', uuid: 'u' },
  ],
  end: (text, ok) => ({ ...EVENTS.claude.end(text, ok), total_cost_usd: undefined }),
}

const { start, say, end } = EVENTS[name]
for (const event of start) write(event)
const ERRORS = {
  fail: 'The disk is on fire',
  login: 'Invalid API key · Please run /login',
  full: 'Prompt is too long',
  offline: 'API Error: 500 fetch failed',
}
if (doing === 'hang') {
  write(say('Still here'))
  setInterval(() => undefined, 60_000)
} else if (doing === 'ok') {
  write(say(`I know of ${session.prompts.length} prompts.`))
  write(end(`I know of ${session.prompts.length} prompts.`, true))
} else {
  if (doing !== 'offline') write(say('On it.'))
  write(end(ERRORS[doing], false))
  process.exitCode = 1
}
