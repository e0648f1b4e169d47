import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { expandHome } from './home-path.ts'

it.each([
  ['~', homedir()],
  ['~/code', join(homedir(), 'code')],
  ['~ada/code', '~ada/code'],
  ['/srv/~/code', '/srv/~/code'],
  ['code/~', 'code/~'],
  ['', ''],
])('reads %s as a shell would', (path, expected) => {
  expect(expandHome(path)).toBe(expected.replace(/(?<=.)[/\\]$/, ''))
})
