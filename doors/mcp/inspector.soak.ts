import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import type { Run, Task, TaskDetail } from '../../contract/index.ts'

// A worker's life with a client that is not ours: the command line of the protocol's own inspector, from npx. Needs a
// build, and the network once.

const CLI = fileURLToPath(new URL('../../bin/runboard.cjs', import.meta.url))
const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0'

/** In a worker: `tool NAME ARGUMENT…`. The inspector passes on only the variables that are named. */
const TOOL = `
set -u
tool() {
  name=$1; shift
  for variable in $(env | sed -n 's/^\\(RUNBOARD_[A-Z_]*\\)=.*/\\1/p'); do
    eval "value=\\$$variable"
    set -- "$@" -e "$variable=$value"
  done
  npx --yes --package=${INSPECTOR} mcp-inspector --cli "$RUNBOARD_BIN" mcp --method tools/call --tool-name "$name" "$@"
}
made() { tool create "$@" | sed -n 's/^ *"id": "\\(t_[0-9a-f]*\\)",$/\\1/p' | head -n 1; }
`

function home() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-inspector-')))
  const runboard = <T>(...line: string[]): T =>
    JSON.parse(
      execFileSync(process.execPath, [CLI, '--home', folder, ...line, '--json'], { encoding: 'utf8' }),
    ) as T
  const script = (name: string, body: string) => {
    writeFileSync(join(folder, name), TOOL + body)
    return `sh '${join(folder, name)}'`
  }
  const create = (title: string, ...flags: string[]) =>
    runboard<{ task: Task }>('create', title, ...flags).task
  return {
    folder,
    runboard,
    script,
    create,
    remove: () => rmSync(folder, { recursive: true, maxRetries: 5 }),
  }
}

beforeAll(() => {
  execFileSync('npx', ['--yes', `--package=${INSPECTOR}`, 'mcp-inspector', '--cli', '--version'], {
    stdio: 'pipe',
  })
})

it('a worker reads its task, sends a heartbeat, comments, is refused on a foreign task, and completes its own', () => {
  const { runboard, script, create, remove } = home()
  const foreign = create('Not yours')
  const line = script(
    'worker.sh',
    `tool show
    tool heartbeat --tool-arg 'note=half way'
    tool comment --tool-arg 'body=Seen by another client'
    tool complete --tool-arg 'id=${foreign.id}' --tool-arg 'summary=Not mine'
    tool complete --tool-arg 'summary=Done over MCP' --tool-arg 'metadata={"changed_files":["a.ts"]}'`,
  )
  runboard('profiles', 'add', 'agent', '--shell', line)
  const { id } = create('Write it', '--assignee', 'agent')

  runboard('dispatch', '--wait')

  const detail = runboard<TaskDetail>('show', id)
  expect(detail.task.status).toBe('done')
  expect(detail.comments).toMatchObject([{ body: 'Seen by another client', author: 'agent' }])
  expect(detail.runs).toMatchObject([
    {
      outcome: 'completed',
      summary: 'Done over MCP',
      metadata: { changed_files: ['a.ts'] },
      last_heartbeat_note: 'half way',
    } satisfies Partial<Run>,
  ])
  const log = runboard<{ content: string }>('log', id).content
  expect(log).toContain(`A worker may do this (complete) on its own task ${id} only.`)
  expect(runboard<TaskDetail>('show', foreign.id).task.status).toBe('ready')
  remove()
})

it('a planner fans out to two tasks and one that combines them', () => {
  const { runboard, script, create, remove } = home()
  const line = script(
    'planner.sh',
    `one=$(made --tool-arg 'title=Read the code')
    two=$(made --tool-arg 'title=Read the papers')
    three=$(made --tool-arg 'title=Bring it together' --tool-arg "parents=[\\"$one\\",\\"$two\\"]")
    tool complete --tool-arg 'summary=Three tasks' --tool-arg "created_cards=[\\"$one\\",\\"$two\\",\\"$three\\"]"`,
  )
  runboard('profiles', 'add', 'planner', '--shell', line, '--capability', 'planner')
  const { id } = create('Find out', '--assignee', 'planner')

  runboard('dispatch', '--wait')

  expect(runboard<TaskDetail>('show', id).runs).toMatchObject([
    { outcome: 'completed', summary: 'Three tasks' },
  ])
  const { tasks } = runboard<{ tasks: (Task & { parents: string[] })[] }>('list')
  const named = (title: string) => tasks.find((task) => task.title === title)
  expect(named('Bring it together')).toMatchObject({ status: 'todo' })
  expect(named('Bring it together')?.parents.sort()).toEqual(
    [named('Read the code')?.id, named('Read the papers')?.id].sort(),
  )
  remove()
})
