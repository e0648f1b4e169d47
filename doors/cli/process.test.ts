import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

/** The command line as a real process, to test signals and pipes. */
const main = fileURLToPath(new URL('main.ts', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'runboard-cli-'))
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

function start(...argv: string[]) {
  const env = { ...process.env, RUNBOARD_HOME: home, RUNBOARD_BOARD: '', RUNBOARD_TASK: '', RUNBOARD_RUN: '' }
  const child = spawn(process.execPath, [main, ...argv], {
    env,
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }))
  return { child, ended }
}

it('the process ends with the exit code of the verb', async () => {
  expect(await start('create', 'x', '--json').ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  expect(await start('create').ended).toMatchObject({ code: 2, signal: null, stdout: '' })
  expect(await start('show', 't_00000000').ended).toMatchObject({ code: 1, signal: null, stdout: '' })
})

it.runIf(process.platform !== 'win32')('an answer that does not fit into a pipe arrives whole', async () => {
  const body = 'x'.repeat(90_000)
  const created = await start('create', 'long', '--body', body, '--json').ended
  const { task } = JSON.parse(created.stdout) as { task: { id: string } }
  const shown = await start('show', task.id, '--json').ended
  expect(shown).toMatchObject({ code: 0, signal: null, stderr: '' })
  expect(JSON.parse(shown.stdout)).toMatchObject({ task: { id: task.id, body } })
})

it.each(['SIGINT', 'SIGTERM'] as const)('a stream that gets %s ends without an error', async (signal) => {
  const { child, ended } = start('watch', '--since', '0')
  await once(child.stdout, 'data')
  child.kill(signal)
  expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' })
})

it('a stream whose reader has gone ends without an error', async () => {
  const { child, ended } = start('watch', '--since', '0')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  expect((await start('create', 'another').ended).code).toBe(0)
  expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' })
})

it('a full disk is reported, and the board is unchanged', async () => {
  const id = JSON.parse((await start('create', 'before', '--json').ended).stdout) as { task: { id: string } }
  const body = `exec "$0" "$@" --body "$(head -c 90000 /dev/zero | tr '\\0' x)"`
  const child = spawn(
    'sh',
    ['-c', `ulimit -f 40; ${body}`, process.execPath, main, 'create', 'too much', '--json'],
    {
      env: { ...process.env, RUNBOARD_HOME: home, RUNBOARD_BOARD: '', RUNBOARD_TASK: '', RUNBOARD_RUN: '' },
      cwd: home,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]

  expect(code).toBe(1)
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string } }
  expect(error).toMatchObject({
    code: 'INTERNAL',
    message: expect.stringContaining('its disk is full') as string,
  })
  expect(error.message).toContain(join(home, 'boards', 'default', 'board.db'))
  const after = await start('list', '--json').ended
  expect(after.stdout).toContain(id.task.id)
  expect(after.stdout).not.toContain('too much')
})
