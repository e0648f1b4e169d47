import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../contract/index.ts'
import { errorHeadline } from '../../formats/own-errors.ts'
import { PRESETS } from '../home/presets.ts'
import { claude } from '../testing/endings/claude.ts'
import type { EndingCase } from '../testing/endings/ending-case.ts'
import { GEMINI } from '../testing/endings/gemini.ts'
import { OPENCODE } from '../testing/endings/opencode.ts'
import { AIDER, HERMES } from '../testing/endings/plain.ts'
import { written } from '../testing/endings/table.ts'
import { setupWorkers } from '../testing/workers.ts'

/** What each agent without a report writes on an error while its exit code is 0. */
const ERRORS: [string, EndingCase['log'], Outcome][] = [
  ['opencode', OPENCODE[1]!.log, 'crashed'],
  ['gemini', GEMINI[2]!.log, 'crashed'],
  ['aider', AIDER[1]!.log, 'crashed'],
  ['hermes', HERMES[2]!.log, 'crashed'],
  ['gemini', GEMINI[9]!.log, 'rate_limited'],
  ['gemini', GEMINI[14]!.log, 'crashed'],
]

describe('A1: a dependent task', () => {
  it.each(ERRORS)('does not start after an error of %s that exits with 0', async (preset, log, outcome) => {
    const { call, create, path, profile, runs, task } = await setupWorkers()
    const { completion, failure_pattern, rate_limit_pattern, usage_parser } = PRESETS.get(preset)!
    writeFileSync(path('output'), written(log))
    await profile('agent', `cat '${path('output')}'`, {
      completion,
      failure_pattern,
      rate_limit_pattern,
      usage_parser,
      failure_limit: 1,
    })
    await profile('deploy', `echo deployed`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'agent' })
    const after = await create({ assignee: 'deploy', parents: [id] })

    await call('dispatcher.dispatch', { wait: true })

    expect(await runs(id)).toMatchObject([{ outcome, exit_code: 0 }])
    expect((await task(id)).status).not.toBe('done')
    expect(await runs(after.id)).toEqual([])
  })
})

describe('A1: a run that ends with an error', () => {
  const used = { input_tokens: 12, cache_read_input_tokens: 4, output_tokens: 3 }
  const maxTurns = claude.result({
    subtype: 'error_max_turns',
    is_error: true,
    errors: ['Reached maximum number of turns (3)'],
    usage: used,
    total_cost_usd: 0.5,
  })

  async function ended(line: (output: string) => string) {
    const bundle = await setupWorkers()
    writeFileSync(bundle.path('output'), written([claude.init, maxTurns]))
    const fields = { usage_parser: 'claude-json', failure_limit: 1 } as const
    await bundle.profile('agent', line(`cat '${bundle.path('output')}'`), fields)
    const { id } = await bundle.create({ assignee: 'agent' })
    await bundle.call('dispatcher.dispatch', { wait: true })
    return { task: await bundle.task(id), run: (await bundle.runs(id))[0] }
  }

  it('gives its reason in the agent’s words and keeps its usage', async () => {
    const { run, task } = await ended((output) => output)
    expect(run).toMatchObject({ outcome: 'crashed', exit_code: 0 })
    expect(run?.usage).toMatchObject({ input_tokens: 12, output_tokens: 3, cost_usd: 0.5, turns: 3 })
    expect(errorHeadline(run?.error ?? null)).toBe('Reached maximum number of turns (3)')
    expect(task).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  })

  it('still counts as completed after its report', async () => {
    const { run, task } = await ended(
      (output) => `runboard complete '{"summary":"It works"}'; ${output}; exit 1`,
    )
    expect(run).toMatchObject({ outcome: 'completed', summary: 'It works', exit_code: 1 })
    expect(task.status).toBe('done')
  })
})
