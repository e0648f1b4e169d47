// Runs before each test file in a Node for Windows.
import { beforeEach } from 'vitest'
import { startKeyOf } from '../../kernel/workers/process/identity.ts'
import { thisSystem } from '../../kernel/workers/process/systems/index.ts'
import { whyNot } from './not-on-wine.ts'

beforeEach(({ task, skip }) => {
  const reason = whyNot(task.file.filepath, task.fullTestName)
  if (reason !== null) skip(reason)
})

// Tests kill workers as a system or a person would. Node ends them with the status 1; here they get the status that
// Runboard itself gives the processes that it ends.
const kill = process.kill.bind(process)
process.kill = (pid, name) => {
  if (name !== 'SIGKILL' && name !== 'SIGTERM') return kill(pid, name)
  thisSystem.signal({ pid, started_key: startKeyOf(pid) }, name)
  return true
}
