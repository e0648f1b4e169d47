import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setup, temporaryFolder } from '../testing/setup.ts'
import { until } from '../testing/until.ts'
import { readFileIfThere } from '../home/files.ts'

/** A task in a folder with a file, and a program in the settings that records its arguments. */
async function openable() {
  const folder = realpathSync(temporaryFolder())
  const bundle = await setup({ env: process.env })
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src', 'a b.ts'), '')
  const log = join(bundle.home, 'opened')
  const program = join(bundle.home, 'program.sh')
  writeFileSync(
    program,
    `#!/bin/sh\nprintf '%s\\n' "$PWD" "$@" > '${log}.part'; mv '${log}.part' '${log}'\n`,
    { mode: 0o755 },
  )
  const set = (open_in: Record<string, string[]>) =>
    bundle.kernel.call('settings.set', { settings: { open_in } }, bundle.person)
  await set({ mine: [program, '--at', '{path}:{line}', '{folder}'], folders: [program, '{folder}'] })
  const { id } = await bundle.create({ title: 'Here', workspace: `dir:${folder}` })
  const opened = () => until(() => readFileIfThere(log) ?? '', 'the program')
  return { ...bundle, id, folder, set, opened }
}

describe.runIf(process.platform !== 'win32')('opening the folder of a task', () => {
  it('starts the program in it, with its values as arguments', async () => {
    const { call, folder, id, opened } = await openable()
    const file = join(folder, 'src', 'a b.ts')
    expect(await call('task.open_in', { id, file: 'src/a b.ts', line: 7 })).toMatchObject({
      opener: 'mine',
      path: file,
    })
    expect(await opened()).toBe([folder, '--at', `${file}:7`, folder, ''].join('\n'))
  })

  it('opens the folder when no file is named, with the named program', async () => {
    const { call, folder, id, opened } = await openable()
    await call('task.open_in', { id, opener: 'folders' })
    expect(await opened()).toBe(`${folder}\n${folder}\n`)
  })

  it('is refused with a reason, and starts nothing', async () => {
    const { call, create, folder, id, refused, set } = await openable()
    symlinkSync('/etc', join(folder, 'etc'))
    expect((await refused('CONFLICT', 'task.open_in', { id, file: 'src/none.ts' })).message).toContain(
      'There is no file',
    )
    for (const file of ['../outside', '/etc/passwd', 'etc/passwd']) {
      const wanted = file === '../outside' ? 'CONFLICT' : 'INVALID_INPUT'
      await refused(wanted, 'task.open_in', { id, file })
    }
    const unknown = await refused('CONFLICT', 'task.open_in', { id, opener: 'other' })
    expect(unknown.message).toContain('there are: mine, folders')
    const noFiles = await refused('CONFLICT', 'task.open_in', { id, opener: 'folders', file: 'src/a b.ts' })
    expect(noFiles.message).toContain('opens files')
    const scratch = await create('Nowhere yet')
    expect((await refused('CONFLICT', 'task.open_in', { id: scratch.id })).message).toContain(
      'has no folder yet',
    )

    await set({ broken: ['false', '{folder}'], gone: ['/no/such/program', '{folder}'] })
    expect((await refused('CONFLICT', 'task.open_in', { id, opener: 'broken' })).message).toContain(
      'it exited with 1',
    )
    expect((await refused('CONFLICT', 'task.open_in', { id, opener: 'gone' })).message).toContain(
      'does not exist',
    )
    await expect(set({ bad: ['program'] })).rejects.toThrow(/must have \{folder\} or \{path\}/)
    expect(await call('task.show', { id })).toMatchObject({ task: { status: 'ready' } })
  })
})
