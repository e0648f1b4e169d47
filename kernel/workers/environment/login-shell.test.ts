import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loginShellPath, mergedPath } from './login-shell.ts'
import { setup, writeProgram } from '../../testing/worker-setup.ts'

describe.runIf(process.platform !== 'win32')('the PATH of the login shell', () => {
  it('is what the shell prints after its greetings, whatever they contain', async () => {
    const { path } = setup()
    const shell = `#!/bin/sh\necho 'Welcome!'\necho 'PATH=/greeting'\nPATH='/opt/a b:/usr/bin'\nshift 3\neval "$1"\n`
    writeProgram(path('shell'), shell)
    expect(await loginShellPath({ shell: path('shell') })).toBe('/opt/a b:/usr/bin')
  })

  it('is asked of csh without the flags that it does not accept together', async () => {
    const { path } = setup()
    writeProgram(path('tcsh'), `#!/bin/sh\n[ "$1" = -c ] || exit 2\nPATH=/csh\neval "$2"\n`)
    expect(await loginShellPath({ shell: path('tcsh') })).toBe('/csh')
  })

  it('is unknown if the shell hangs, fails, prints nothing or is missing', async () => {
    const { path } = setup()
    writeProgram(path('hangs'), '#!/bin/sh\nsleep 60\n')
    writeProgram(path('fails'), '#!/bin/sh\nexit 1\n')
    writeProgram(path('quiet'), '#!/bin/sh\nexit 0\n')
    expect(await loginShellPath({ shell: path('hangs'), timeout_ms: 50 })).toBeNull()
    expect(await loginShellPath({ shell: path('fails') })).toBeNull()
    expect(await loginShellPath({ shell: path('quiet') })).toBeNull()
    expect(await loginShellPath({ shell: path('missing') })).toBeNull()
    expect(await loginShellPath({ shell: 'relative' })).toBeNull()
  })

  const real = ['/bin/sh', '/bin/bash', '/bin/zsh', '/usr/bin/fish', '/bin/tcsh']
  it.each(real.filter((shell) => existsSync(shell)))('is printed by %s', async (shell) => {
    expect(await loginShellPath({ shell })).toContain('/bin')
  })
})

it('appends our folders that are missing from the shell’s PATH, each once', () => {
  expect(mergedPath('/a:/b', '/b:/c:')).toBe('/a:/b:/c')
  expect(mergedPath('/a', undefined)).toBe('/a')
})
