import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MARKER_NAME, readMarker } from './marker.ts'
import { fixture } from '../../testing/worker-workspace.ts'

describe('a scratch workspace', () => {
  it('is a new, marked folder, and the same one for the next attempt', async () => {
    const { prepare, workspaces } = fixture()
    const path = join(workspaces, 't_1')
    expect(await prepare({})).toEqual({ path, branch: null, created: true, start: null })
    expect(readMarker(path)).toMatchObject({ task_id: 't_1', created_at: 1_700_000_000_000, path })
    writeFileSync(join(path, 'work'), 'kept')
    expect(await prepare({})).toEqual({ path, branch: null, created: false, start: null })
    expect(await prepare({ path })).toEqual({ path, branch: null, created: false, start: null })
    expect(readFileSync(join(path, 'work'), 'utf8')).toBe('kept')
  })

  it('that was created but not yet marked is marked by the next attempt, if it is still empty', async () => {
    const { prepare, workspaces } = fixture()
    mkdirSync(join(workspaces, 't_1'), { recursive: true })
    mkdirSync(join(workspaces, 't_2'))
    writeFileSync(join(workspaces, 't_2/file'), '')
    await prepare({})
    await prepare({ task_id: 't_2' })
    expect(readMarker(join(workspaces, 't_1'))).not.toBeNull()
    expect(readMarker(join(workspaces, 't_2'))).toBeNull()
  })

  it('is never created for an id that leads elsewhere', async () => {
    const { prepare } = fixture()
    await expect(prepare({ task_id: '../../etc' })).rejects.toThrow('is not a task id')
  })
})

describe('a folder as workspace', () => {
  it('that exists is used and not marked', async () => {
    const { prepare, project } = fixture()
    mkdirSync(project)
    expect(await prepare({ kind: 'dir', path: project })).toEqual({
      path: project,
      branch: null,
      created: false,
      start: null,
    })
    expect(readdirSync(project)).toEqual([])
  })

  it('that does not exist is created with its parents, and only itself marked', async () => {
    const { prepare, path } = fixture()
    expect(await prepare({ kind: 'dir', path: path('a/b/c') })).toMatchObject({ created: true })
    expect(readMarker(path('a/b/c'))).not.toBeNull()
    expect(existsSync(path(`a/b/${MARKER_NAME}`))).toBe(false)
  })

  it('is refused with a sentence when it cannot be one', async () => {
    const { prepare, path } = fixture()
    writeFileSync(path('file'), '')
    const dir = (folder: string | null) => prepare({ kind: 'dir', path: folder })
    await expect(dir(null)).rejects.toThrow('The workspace names no folder: write dir:/absolute/path.')
    await expect(dir('relative')).rejects.toThrow('The workspace relative is not an absolute path.')
    await expect(dir(path('file'))).rejects.toThrow(`The workspace ${path('file')} is a file, not a folder.`)
    await expect(dir(path('file/below'))).rejects.toThrow(/cannot be made: ENOTDIR|is a file/)
  })
})
