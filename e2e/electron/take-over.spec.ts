import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OperationOutput } from '../../contract/index.ts'
import { addAgent } from '../agent.ts'
import type { Home } from '../home.ts'
import { expect, test } from './fixtures.ts'

/** @returns why no xterm would open; null when one would */
async function whyNoXterm(home: Home): Promise<string | null> {
  const { openers } = await home.cli.json<OperationOutput<'opener.list'>>('openers')
  const first = openers.find(({ kind }) => kind === 'terminal')
  if (first?.name === 'xterm') return null
  return first === undefined ? 'There is no xterm here.' : `${first.title} would open here, not xterm.`
}

/** @returns the arguments of all processes of this machine */
function commands(): string[][] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)]
    } catch {
      return [] // it has just ended
    }
  })
}

test('the session of an agent behind the bridge is taken over in a terminal, and handed back', async ({
  home,
  launch,
}) => {
  const missing = await whyNoXterm(home)
  test.skip(missing !== null, missing ?? '')
  const turn = [
    { say: 'On it\n' },
    { await: join(home.path, 'gates/handed-back') },
    { runboard: ['complete', '--summary', 'Polished'] },
  ]
  const capabilities = { sessionCapabilities: { resume: {} } }
  await addAgent(home, 'coder', { capabilities, resume: 'accepts', turns: [turn] })
  const shown = join(home.path, 'shown')
  const codex = home.addProgram(
    'codex',
    `#!/bin/sh
{ tty; pwd; printf '%s\\n' "$@"; } > '${shown}.part'
mv '${shown}.part' '${shown}'
while [ -d '${home.path}' ] && [ ! -e '${home.path}/gates/closed' ]; do sleep 0.1; done
`,
  )
  const desktop = await launch()
  const { board, drawer, page } = desktop
  const id = await home.create('Polish the brass', '--assignee', 'coder')
  await expect.poll(async () => (await home.runs(id))[0]?.agent_session_id).toBe('session-1')

  await board.card('Polish the brass').getByRole('link').click()
  await drawer.head(1).click()
  await expect(drawer.log(1)).toContainText('On it')
  await drawer.run(1).getByRole('button', { name: 'Actions on attempt 1' }).click()
  await page.getByRole('menuitem', { name: 'Take over…' }).click()
  await page.getByRole('dialog', { name: 'Take over?' }).getByRole('button', { name: 'Take over' }).click()
  await expect(board.notice('Its session is open in a terminal')).toBeVisible()

  // A terminal is open, and the agent's own program runs in it.
  const [first] = await home.runs(id)
  await expect.poll(() => existsSync(shown)).toBe(true)
  const [tty, folder, ...words] = readFileSync(shown, 'utf8').trimEnd().split('\n')
  expect(tty).toMatch(/^\/dev\/pts\/\d+$/)
  expect({ folder, words }).toEqual({ folder: first?.agent_cwd, words: ['resume', 'session-1'] })
  const terminals = () => commands().filter((argv) => argv.includes(codex) && /xterm$/.test(argv[0] ?? ''))
  expect(terminals().map((argv) => argv.slice(1))).toEqual([['-e', codex, 'resume', 'session-1']])

  // Until it is handed back, the run is that of a person, and no worker starts.
  const taken = [
    { outcome: 'stopped' },
    { outcome: null, trigger: 'human', worker_pid: null, resumed_from_run: first?.id },
  ]
  expect(await home.runs(id)).toMatchObject(taken)
  // The app may quit meanwhile: the terminal stays.
  await desktop.quit()
  expect(terminals()).toHaveLength(1)
  home.openGate('closed')
  await expect.poll(terminals).toEqual([])
  const { board: again, drawer: open } = await launch()
  expect(await home.runs(id)).toMatchObject(taken)

  home.openGate('handed-back')
  await again.card('Polish the brass').getByRole('link').click()
  await open.head(2).click()
  await open.run(2).getByRole('button', { name: 'Hand back to a worker' }).click()
  await expect(open.verdict).toContainText('Polished')
  expect(await home.runs(id)).toMatchObject([
    { outcome: 'stopped' },
    { outcome: 'reclaimed' },
    { outcome: 'completed', session_choice: 'resumed', agent_session_id: 'session-1' },
  ])
})
