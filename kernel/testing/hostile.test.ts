import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findHeadline, tellingEnd } from '../../formats/headline.ts'
import { grownBeyond, HOSTILE, HOSTILE_BYTES } from '../../formats/testing/hostile.ts'
import { fingerprint } from '../lifecycle/end-run.ts'
import { temporaryFolder } from './setup.ts'
import { parseAgentOutput, readAgentOutput } from '../workers/log/agent-output.ts'
import { parseFilePatch, parseNumstat, patchOfNewFile, splitPatch } from '../workers/changes/parse-patch.ts'
import { readExitFile } from '../workers/process/keeper.ts'
import { lastLine, lastLines } from '../workers/log/log-file.ts'
import { logIndexPath, readIndex } from '../workers/log/log-index.ts'
import { readMarker } from '../workers/workspace/marker.ts'
import { readReset } from '../workers/log/reset-time.ts'

const SIZE = 64 * 1024
/** Readers of logs cut lines to this length before they call these functions. */
const clipped = (text: string, count: number) =>
  text
    .split('\n')
    .slice(-count)
    .map((line) => line.slice(0, 1_000))

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  fingerprint,
  'the output of Claude Code': (text) => parseAgentOutput('claude-json', text, 30),
  'the output of Codex': (text) => parseAgentOutput('codex-json', text, 30),
  'the output of Gemini CLI': (text) => parseAgentOutput('gemini-json', text, 30),
  'the output of OpenCode': (text) => parseAgentOutput('opencode-json', text, 30),
  'the time of a reset': (text) => readReset(clipped(text, 30), Date.UTC(2026, 10, 29)),
  'the headline of a failure': (text) => [findHeadline(clipped(text, 200)), tellingEnd(clipped(text, 200))],
  'a patch': (text) => [
    splitPatch(text),
    parseFilePatch(text, { lines: 10_000 }),
    parseNumstat(text),
    patchOfNewFile(text, { lines: 10_000 }),
  ],
}

describe('X5: takes time proportional to any hostile text:', () => {
  it.each(Object.entries(READERS))('%s', (_name, read) => {
    const guarded = (text: string) => {
      try {
        read(text)
      } catch {
        // A refusal is fine; taking long is not.
      }
    }
    expect(grownBeyond(guarded, SIZE)).toEqual([])
  })
})

describe('X5: a worker’s file that holds', () => {
  const files = { ...Object.fromEntries(Object.entries(HOSTILE)), ...HOSTILE_BYTES }

  it.each(Object.entries(files))('%s, is read within limits', async (_name, make) => {
    const folder = temporaryFolder()
    const path = join(folder, '1.log')
    for (const name of ['1.log', '1.exit', '.runboard']) writeFileSync(join(folder, name), make(SIZE * 6))
    writeFileSync(logIndexPath(path), make(SIZE * 6))
    for (const parser of ['none', 'claude-json'] as const) {
      const { said, lines } = await readAgentOutput(parser, path, 30)
      expect(lines.every((line) => line.length <= 1_001)).toBe(true)
      expect((said ?? '').length).toBeLessThan(3_000_000)
    }
    expect((await lastLine(path))?.length ?? 0).toBeLessThanOrEqual(501)
    expect((await lastLines(path, 30)).length).toBeLessThanOrEqual(30)
    expect(readExitFile(join(folder, '1.exit'))).toBeNull()
    expect(readMarker(folder)).toBeNull()
    readIndex(path)
  })
})
