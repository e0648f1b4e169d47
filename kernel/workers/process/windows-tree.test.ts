import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readText, setup, until } from '../../testing/worker-setup.ts'
import { startWorker } from '../spawn/spawn.ts'
import { isAlive, startKeyOf } from './identity.ts'
import { readExitFile } from './keeper.ts'
import { isKeeper, readProcessTable } from './process-table.ts'
import { stopTree } from './stop-tree.ts'
import { findLeftovers, processTree } from './tree.ts'

/** Starts two children that outlive it, then ends, or waits. The second has no living parent. */
const FAMILY = `
  import { spawn } from 'node:child_process'
  import { writeFileSync } from 'node:fs'
  const [, , folder, generation, ending] = process.argv
  writeFileSync(folder + '/' + generation, String(process.pid))
  const child = (name, end) =>
    spawn(process.execPath, [process.argv[1], folder, name, end], { detached: true, stdio: 'ignore' }).unref()
  if (generation === 'worker') child('child', 'ends')
  if (generation === 'child') child('grandchild', 'waits')
  if (ending === 'waits') setInterval(() => {}, 1e6)
  console.log('up')`

/** A worker with that family. @returns it, and its grandchild, whose parent has ended */
async function family(ending: 'ends' | 'waits') {
  const bundle = setup()
  const { shell, path, dir } = bundle
  writeFileSync(path('family.mjs'), FAMILY)
  const worker = await startWorker(
    shell('', { file: process.execPath, args: [path('family.mjs'), dir, 'worker', ending] }),
  )
  worker.go()
  const pidIn = async (name: string) => Number(await until(() => readText(path(name)), name))
  const child = await pidIn('child')
  const pid = await pidIn('grandchild')
  const grandchild = { pid, started_key: await until(() => startKeyOf(pid)) }
  await until(() => startKeyOf(child) === null, 'the end of the child')
  return { ...bundle, worker, grandchild }
}

describe.runIf(process.platform === 'win32')('a worker on Windows', () => {
  it('is in a job of its keeper, with processes whose parents have gone', async () => {
    const { worker, grandchild, path } = await family('waits')
    const keeper = (await readProcessTable()).get(worker.keeper_pid)
    expect(keeper && isKeeper(keeper)).toBe(true)
    expect((await processTree(worker)).map(({ pid }) => pid)).toEqual([worker.pid, grandchild.pid])
    expect(await stopTree(worker)).toEqual({ stopped: true, killed: false, survivors: [] })
    expect(isAlive(grandchild)).toBe(false)
    expect(startKeyOf(worker.keeper_pid)).toBeNull()
    expect(readExitFile(path('1.exit'))).toEqual({ exit_code: null, signal: 'SIGTERM' })
  })

  it('leaves its children running when it ends, and they are found', async () => {
    const { shell, path } = setup()
    writeFileSync(path('family.mjs'), FAMILY)
    const args = [path('family.mjs'), path('.'), 'child', 'ends']
    const worker = await startWorker(shell('', { file: process.execPath, args }))
    worker.go()
    expect(await worker.exited).toEqual({ exit_code: 0, signal: null })
    const pid = Number(await until(() => readText(path('grandchild'))))
    expect((await findLeftovers(worker)).left.map((left) => left.pid)).toEqual([pid])
    const grandchild = { pid, started_key: startKeyOf(pid) }
    await stopTree(grandchild)
    expect(isAlive(grandchild)).toBe(false)
  })

  it('is not ended by a target of another start time, or of none', async () => {
    const { worker } = await family('waits')
    await stopTree({ pid: worker.pid, started_key: `${worker.started_key}0` }, { grace_ms: 0 })
    await stopTree({ pid: worker.pid, started_key: null }, { grace_ms: 0 })
    expect(isAlive(worker)).toBe(true)
    await stopTree(worker)
  })

  it('has a log that can be read, cut and moved while it writes', async () => {
    const { shell, path, log } = setup()
    const args = ['-e', `setInterval(() => console.log('line'), 5)`]
    const worker = await startWorker(shell('', { file: process.execPath, args }))
    worker.go()
    await until(log)
    truncateSync(path('1.log'), 0)
    await until(log, 'lines after the cut')
    expect(log()).toMatch(/^line\r?\n/)
    renameSync(path('1.log'), path('1.log.old'))
    await until(() => readFileSync(path('1.log.old')).length > 20)
    await stopTree(worker)
    rmSync(path('1.log.old'))
  })

  it('has its workspace for itself: the folder can be removed once it has ended', async () => {
    const { shell, path } = setup()
    mkdirSync(path('work'))
    const args = ['-e', `require('fs').writeFileSync('here', '')`]
    const worker = await startWorker(shell('', { file: process.execPath, args, cwd: path('work') }))
    worker.go()
    await worker.exited
    expect(existsSync(path('work/here'))).toBe(true)
    rmSync(path('work'), { recursive: true })
  })

  it('can have files whose paths are longer than 260 characters', async () => {
    const { shell, path } = setup()
    const folder = path(`${'a'.repeat(120)}/${'b'.repeat(120)}/${'c'.repeat(60)}`)
    const files = { log_path: `${folder}/1.log`, exit_path: `${folder}/1.exit` }
    const worker = await startWorker(
      shell('', { file: process.execPath, args: ['-e', `console.log('hello')`], ...files }),
    )
    worker.go()
    expect(await worker.exited).toEqual({ exit_code: 0, signal: null })
    expect(readText(files.log_path)).toBe('hello\n')
    expect(readExitFile(files.exit_path)).toEqual({ exit_code: 0, signal: null })
  })
})
