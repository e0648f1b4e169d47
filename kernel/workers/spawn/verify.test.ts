import { expect, it } from 'vitest'
import { startKeyOf } from '../process/identity.ts'
import { readText, setup, until } from '../../testing/worker-setup.ts'
import { checkResult, lateResult, startCheck } from './verify.ts'

const env = { PATH: process.env['PATH'] ?? '' }

/** Runs a check to its end. */
async function check(line: string) {
  const bundle = setup()
  const log_path = bundle.path('1.check.log')
  const started = await startCheck(line, { cwd: bundle.dir, env, log_path })
  started.go()
  return { ...bundle, log_path, result: await checkResult(await started.exited, log_path) }
}

it('a check returns its status and the end of both of its outputs', async () => {
  const { dir, result } = await check('seq 40; pwd >&2; exit 3')
  expect(result.exit_code).toBe(3)
  expect(result.output.split('\n')).toEqual([...Array.from({ length: 29 }, (_, n) => String(n + 12)), dir])
})

it.each([
  ['true', 0],
  ['kill -TERM $$', 143],
  ['no-such-program', 127],
])('the check %s ends with %i', async (command, exit_code) => {
  expect((await check(command)).result).toMatchObject({ exit_code })
})

it('the output of the last check is kept in its own file', async () => {
  const { dir, log_path } = await check('echo first')
  const again = await startCheck('echo second', { cwd: dir, env, log_path })
  again.go()
  await again.exited
  expect(readText(log_path)).toBe('second\n')
})

it('a check in a missing folder cannot be started, and says why', async () => {
  const { path } = setup()
  const options = { cwd: path('gone'), env, log_path: path('1.check.log') }
  await expect(startCheck('true', options)).rejects.toThrow(/gone is not there/)
})

it('a check that took too long says so below its output', () => {
  const late = lateResult({ exit_code: 143, output: 'waiting', log_path: '/log', problem: null }, 30 * 60_000)
  expect(late).toEqual({
    exit_code: 124,
    output: 'waiting\nIt took longer than 30 min and was stopped.',
    log_path: '/log',
    problem: 'It took longer than 30 min and was stopped.',
  })
})

it('a check is over when it ends, even if a process that it left holds its output', async () => {
  const { path, result } = await check('sleep 600 & echo $! >pid; echo done')
  expect(result).toMatchObject({ exit_code: 0, output: 'done' })
  const pid = Number(readText(path('pid')))
  await until(() => startKeyOf(pid) !== null)
  process.kill(pid, 'SIGKILL')
})
