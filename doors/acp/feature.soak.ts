import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest'
import type { OperationOutput, Task, TaskDetail } from '../../contract/index.ts'
import { agentHome, type AgentHome, DOWNLOAD_MS, REAL_AGENTS } from '../testing/real-agents.ts'
import { type Model, type Move, startModel } from '../testing/scripted-model.ts'

// Walks a card through the workflow `feature` that ships, with Claude Code behind the bridge and a scripted model, to the
// merge in a real repository. Needs a build, and the network once (npx downloads the agent).

const AGENT = REAL_AGENTS['claude-code']
const ADAPTER = '@agentclientprotocol/claude-agent-acp@0.101.0'

const COMPLETE = /runboard[\W_]*complete$/
const runs = (command: string, when: string): Move => ({
  tool: /^Bash$/,
  input: { command, description: 'Work on the brass' },
  mark: command,
  when: [when],
})

// The prompts of the steps, by which the model knows what to do.
const PLAN = 'Plan this, change nothing'
const BUILD = 'Build it as agreed'
const REVIEW = 'Review the branch against each of these'
const FIX = 'Fix the findings of the last check or review'

/** It plans, builds, finds fault with that, puts it right, and then accepts it. */
const MOVES: Move[] = [
  {
    tool: COMPLETE,
    input: {
      summary: 'Planned',
      metadata: { plan: 'Put a new text in place.', acceptance: ['brass.txt is waxed'] },
    },
    mark: 'Put a new text in place.',
    when: [PLAN],
  },
  runs('cp shiny.txt brass.txt', BUILD),
  runs('git commit -a -m Polish', BUILD),
  { tool: COMPLETE, input: { summary: 'It is polished.' }, mark: 'It is polished.', when: [BUILD] },
  runs('cp waxed.txt brass.txt', FIX),
  runs('git commit -a -m Wax', FIX),
  { tool: COMPLETE, input: { summary: 'It is waxed.' }, mark: 'It is waxed.', when: [FIX] },
  {
    tool: COMPLETE,
    input: { summary: 'Nothing is left to do.', verdict: 'accept', metadata: { findings: [] } },
    mark: 'Nothing is left to do.',
    when: [REVIEW, 'It is waxed.'],
  },
  {
    tool: COMPLETE,
    input: {
      summary: 'It has no wax.',
      verdict: 'changes',
      metadata: { findings: [{ file: 'brass.txt', what: 'Wax it too' }] },
    },
    mark: 'Wax it too',
    when: [REVIEW],
  },
]

let model: Model
let home: AgentHome
let project: string
const git = (...args: string[]) => execFileSync('git', args, { cwd: project, encoding: 'utf8' })

beforeAll(async () => {
  model = await startModel()
  model.follow(MOVES)
  home = await agentHome(AGENT, model.url, [ADAPTER])
  project = join(home.folder, 'project')
  mkdirSync(project)
  git('init', '-q', '-b', 'main')
  git('config', 'user.name', 'Ada')
  git('config', 'user.email', 'ada@example.com')
  for (const text of ['dull', 'shiny', 'waxed']) writeFileSync(join(project, `${text}.txt`), `${text}\n`)
  writeFileSync(join(project, 'brass.txt'), 'dull\n')
  git('add', '.')
  git('commit', '-q', '-m', 'Begin')
  await home.runboard('boards', 'create', 'work', '--project', project)
  for (const role of ['planner', 'worker', 'reviewer']) {
    const rules = ['--allow-command', 'cp', '--allow-command', 'git commit']
    const flags = ['--capability', role, '--env', 'IS_SANDBOX=1', '--backoff', '0s', ...rules]
    await home.addProfile(role, 'claude-acp', flags)
  }
}, DOWNLOAD_MS)
afterAll(async () => {
  home.remove()
  await model.stop()
})

it('Claude Code walks the workflow `feature` to its end', async () => {
  const runboard = <T>(...line: string[]) => home.runboard<T>(...line, '--board', 'work')
  const { task } = await runboard<{ task: Task }>(
    'create',
    'Polish the brass',
    ...['--workflow', 'feature', '--input', 'goal=Brass that shines', '--model', 'sonnet'],
    ...['--role', 'planner=planner', '--role', 'builder=worker', '--role', 'reviewer=reviewer'],
    ...['--verify', 'grep -q -v dull brass.txt', '--max-runtime', '3m', '--max-retries', '1'],
  )
  const { id } = task
  const detail = () => runboard<TaskDetail>('show', id)
  onTestFailed(async () => {
    for (const run of (await detail()).runs)
      console.log(JSON.stringify(run), run.log_path === null ? '' : readFileSync(run.log_path, 'utf8'))
  })

  // It is planned, and a person agrees.
  await runboard('dispatch', '--wait')
  expect((await detail()).task).toMatchObject({ status: 'review', current_step_key: 'agree' })
  await runboard('approve', id)
  // It is built, checked, reviewed, mended, and reviewed again; a person signs off, and it is merged.
  await runboard('dispatch', '--wait')
  expect((await detail()).task).toMatchObject({ status: 'review', current_step_key: 'sign_off' })
  expect(git('show', 'main:brass.txt')).toBe('dull\n')
  await runboard('approve', id)
  await runboard('dispatch', '--wait')

  const { walks } = await runboard<OperationOutput<'task.walk'>>('walk', id)
  expect((await detail()).task.status).toBe('done')
  expect(walks).toMatchObject([{ end_state: 'succeeded' }])
  expect(git('show', 'main:brass.txt')).toBe('waxed\n')
  expect(git('log', '--format=%s', 'main')).toContain('Wax\nPolish\n')
})
