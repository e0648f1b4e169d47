import { expect, test } from 'vitest'
import { startKeyOf } from './identity.ts'
import { readText, setup, until } from './test-setup.ts'
import { runVerify } from './verify.ts'

const env = { PATH: process.env['PATH'] }

test('a check tells its status and the end of both of its outputs', async () => {
  const { dir } = setup()
  const result = await runVerify('seq 40; pwd >&2; exit 3', dir, env)
  expect(result.exit_code).toBe(3)
  expect(result.output.split('\n')).toEqual([...Array.from({ length: 29 }, (_, n) => String(n + 12)), dir])
})

test.each([
  ['true', 0],
  ['kill -TERM $$', 143],
  ['no-such-program', 127],
])('the check %s ends with %i', async (command, exit_code) => {
  const { dir } = setup()
  expect(await runVerify(command, dir, env)).toMatchObject({ exit_code })
})

test('a check in a folder that is gone has failed, with the reason', async () => {
  const { path } = setup()
  expect(await runVerify('true', path('gone'), env)).toMatchObject({
    exit_code: 127,
    output: expect.stringContaining('ENOENT'),
  })
})

test('a check that takes too long is ended with what it started', async () => {
  const { dir, path } = setup()
  const line = `sleep 60 & echo $! >${path('pid')}; echo waiting; wait`
  expect(await runVerify(line, dir, env, { limit_ms: 300 })).toEqual({ exit_code: 124, output: 'waiting' })
  const pid = Number(readText(path('pid')))
  await until(() => startKeyOf(pid) === null)
})

test('a check is over when it ends, though something it left holds its output', async () => {
  const { dir, path } = setup()
  const line = `sleep 600 & echo $! >${path('pid')}; echo done`
  expect(await runVerify(line, dir, env)).toEqual({ exit_code: 0, output: 'done' })
  const pid = Number(readText(path('pid')))
  expect(startKeyOf(pid)).not.toBeNull()
  process.kill(pid, 'SIGKILL')
})
