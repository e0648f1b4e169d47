// Runs before each test file in a Node for Windows.
import { beforeEach } from 'vitest'
import { whyNot } from './not-on-wine.ts'

beforeEach(({ task, skip }) => {
  const reason = whyNot(task.file.filepath, task.fullTestName)
  if (reason !== null) skip(reason)
})
