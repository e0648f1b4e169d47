// The `runboard` command of workers in tests: `runboard complete '{"summary":"…"}'` calls task.complete as the run
// that the environment names; `runboard question.ask '{…}'` calls that operation and prints its answer. Exits with 0 when done, with 1 when refused, with the error object on standard error.
import { asOperationError, type OperationName } from '../../contract/index.ts'
import { callerFromEnvironment, defaultHome, openKernel } from '../index.ts'

// Workers of tests get no home of a person, and git needs one.
process.env['HOME'] ??= process.env['RUNBOARD_HOME'] ?? '/'
const [verb = '', json = '{}'] = process.argv.slice(2)
const kernel = openKernel({ home: defaultHome(process.env), env: process.env })
try {
  const input = { id: process.env['RUNBOARD_TASK'], ...(JSON.parse(json) as Record<string, unknown>) }
  const caller = callerFromEnvironment(process.env, 'cli', process.cwd())
  const isWhole = verb.includes('.')
  const answer = await kernel.callByName(
    (isWhole ? verb : `task.${verb.replaceAll('-', '_')}`) as OperationName,
    input,
    caller,
  )
  if (isWhole) process.stdout.write(`${JSON.stringify(answer)}\n`)
} catch (error) {
  process.stderr.write(`${JSON.stringify(asOperationError(error).toBody())}\n`)
  process.exitCode = 1
} finally {
  await kernel.close()
}
