import { expect, it } from 'vitest'
import { sessionFault } from './session-faults.ts'

it.each([
  ['It exited with 1.\nInvalid API key · Please run /login', 'login'],
  ['It exited with 1.\nOAuth token has expired. Please obtain a new token', 'login'],
  ['It exited with 1.\nunexpected status 401 Unauthorized', 'login'],
  ['It exited with 1.\nPrompt is too long', 'full'],
  ['It exited with 1.\nCodex ran out of room in the model’s context window', 'full'],
  ['It exited with 1.\nAssertionError: expected 3 to be 4', null],
  ['It was killed by SIGKILL.', null],
  [null, null],
])('%j is about the session: %s', (error, fault) => {
  expect(sessionFault(error)).toBe(fault)
})
