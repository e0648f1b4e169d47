// The `runboard` command of workers in tests: `runboard complete '{"summary":"…"}'` calls task.complete as the run
// that the environment names. Exits with 0 when done, with 1 when refused, with the error object on standard error.
import { asOperationError, type OperationName } from '../../contract/index.ts'
import { callerFromEnvironment, defaultHome, openKernel } from '../index.ts'

const [verb = '', json = '{}'] = process.argv.slice(2)
const kernel = openKernel({ home: defaultHome(process.env), env: process.env })
try {
  const input = { id: process.env['RUNBOARD_TASK'], ...(JSON.parse(json) as Record<string, unknown>) }
  const caller = callerFromEnvironment(process.env, 'cli', process.cwd())
  await kernel.callByName(`task.${verb.replaceAll('-', '_')}` as OperationName, input, caller)
} catch (error) {
  process.stderr.write(`${JSON.stringify(asOperationError(error).toBody())}\n`)
  process.exitCode = 1
} finally {
  await kernel.close()
}
