import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESETS } from '../home/presets.ts'
import { type EndingCase, NOW } from '../testing/endings/ending-case.ts'
import { ENDINGS, written } from '../testing/endings/table.ts'
import { parseAgentOutput, readAgentOutput } from '../workers/log/agent-output.ts'
import { readReset } from '../workers/log/reset-time.ts'
import { verdictOf } from './verdict.ts'

async function outputOf(preset: string, log: EndingCase['log']) {
  const parser = PRESETS.get(preset)!.usage_parser
  if (parser !== 'none') return parseAgentOutput(parser, written(log), 30)
  const path = join(mkdtempSync(join(tmpdir(), 'runboard-ending-')), 'log')
  writeFileSync(path, written(log))
  return readAgentOutput(parser, path, 30)
}

it('A1: has the endings of every preset', () => {
  // The bridge writes the same events for all its agents.
  const own = [...PRESETS.values()].filter(({ driver }) => driver !== 'acp')
  expect(Object.keys(ENDINGS)).toEqual(own.map(({ name }) => name))
})

describe.each(Object.entries(ENDINGS))('A1, A2, A4: a run of %s ends with', (preset, endings) => {
  it.each(endings)('$ending ($source): $is', async ({ log, exit = 0, is, says, resets }) => {
    const ended =
      typeof exit === 'string' ? { exit_code: null, signal: exit } : { exit_code: exit, signal: null }
    const verdict = verdictOf(PRESETS.get(preset), preset, ended, await outputOf(preset, log))
    expect(verdict.kind).toBe(is)
    if ('last' in verdict) expect(verdict.last).toBe(says ?? null)
    if (verdict.kind !== 'rate_limited') return
    const reset = verdict.resetsAt ?? (await readReset(verdict.texts, NOW)).at
    expect(reset).toBe(resets === undefined ? null : NOW + resets * 1000)
  })
})
