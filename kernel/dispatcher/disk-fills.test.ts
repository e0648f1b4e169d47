import { describe, expect, it } from 'vitest'
import { until } from '../testing/setup.ts'
import { canMount, fillDisk, onSmallDisk, smallDisk } from '../testing/small-disk.ts'
import { setupWorkers } from '../testing/workers.ts'

describe.runIf(canMount)(onSmallDisk('B7: a disk that fills while a worker runs'), () => {
  it.each([
    ['exit 0', { status: 'done' }, { outcome: 'completed', exit_code: 0 }],
    ['exit 3', { status: 'blocked' }, { outcome: 'crashed', exit_code: 3 }],
  ])('still records the end “%s” once there is room', async (end, task, run) => {
    const home = smallDisk(8192)
    const bundle = await setupWorkers({ home })
    const { create, drain, gate, open, path, profile, reports, runs, text } = bundle
    const line = `echo up > '${path('up')}'; ${gate('end')}; echo gone > '${path('gone')}'; ${end}`
    await profile('w', line, { completion: 'exit-code', failure_limit: 1 })
    const { id } = await create({ assignee: 'w' })
    const drained = drain()
    await until(() => text('up') !== '')

    const free = fillDisk(home, 0)
    open('end')
    await until(() => text('gone') !== '')
    await until(() => reports.length > 0)
    free()
    await drained

    expect(await bundle.task(id)).toMatchObject(task)
    expect(await runs(id)).toMatchObject([run])
    for (const { cause } of reports.splice(0)) expect(String(cause)).toMatch(/full|ENOSPC/i)
  })
})
