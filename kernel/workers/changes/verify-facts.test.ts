import { expect, it, onTestFinished } from 'vitest'
import { setup } from '../../testing/worker-setup.ts'
import { verifyFacts } from './verify-facts.ts'

it('the result of a check is known where git is not installed', async () => {
  const { dir, path } = setup()
  const before = process.env['PATH']
  process.env['PATH'] = path('empty')
  onTestFinished(() => {
    process.env['PATH'] = before
  })
  const result = { exit_code: 0, output: 'all pass', log_path: null, problem: null }
  expect(await verifyFacts(result, dir)).toEqual({
    verify_exit_code: 0,
    verify_output: 'all pass',
    verify_head: null,
  })
})
