import { chmodSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { resolveExecutable } from './executable.ts'
import { setup } from '../../testing/worker-setup.ts'

const options = { path: '/usr/bin:/bin', cwd: '/' }

function problemOf(text: string | Buffer): string | null {
  const { path } = setup()
  writeFileSync(path('agent'), text)
  chmodSync(path('agent'), 0o755)
  const found = resolveExecutable(path('agent'), options)
  return 'problem' in found ? found.problem.replace(path('agent'), 'it') : null
}

it.each([
  ['#!/bin/sh\r\necho hi\r\n', /it has Windows line ends \(CRLF\).*“\/bin\/sh”.*dos2unix/],
  ['#!/usr/bin/env node\r\n', /CRLF.*“\/usr\/bin\/env”/],
  ['#!/no/such/python3 -u\n', /it names an interpreter that is not there: \/no\/such\/python3\.$/],
  ['#!/usr/bin/env no-such-program\n', /not on the PATH: no-such-program/],
  ['#!/usr/bin/env -S A=1 no-such-program -x\n', /not on the PATH: no-such-program/],
  ['#!/tmp\n', /names a folder as its interpreter: \/tmp/],
  ['#!\n', /names no interpreter/],
  [`#!/bin/sh ${'x'.repeat(300)}\n`, /more than 255 characters/],
  ['', /it is empty/],
])('E5: a program that begins with %j is refused in words', (text, sentence) => {
  expect(problemOf(text)).toMatch(sentence)
})

it.each([
  '#!/bin/sh\necho hi\n',
  '#! /usr/bin/env sh\n',
  '#!/usr/bin/env -S sh -e\n',
  'echo no first line\n',
])('E5: a program that begins with %j is accepted', (text) => {
  expect(problemOf(text)).toBeNull()
})
