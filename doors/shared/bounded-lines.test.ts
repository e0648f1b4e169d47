import { describe, expect, it } from 'vitest'
import { BoundedLines, tooLongAnswer } from './bounded-lines.ts'

async function through(chunks: readonly string[], limit: number) {
  const refused: string[] = []
  const lines = new BoundedLines((id) => refused.push(id), limit)
  const passed: string[] = []
  lines.on('data', (chunk: Buffer) => passed.push(chunk.toString()))
  for (const chunk of chunks) lines.write(chunk)
  lines.end()
  await new Promise((resolve) => lines.on('end', resolve))
  return { passed: passed.join(''), refused }
}

describe('X27: lines of JSON-RPC', () => {
  it('pass unchanged, however they are split', async () => {
    expect(await through(['{"a":', '1}\n{"b"', ':2}\n'], 10)).toEqual({
      passed: '{"a":1}\n{"b":2}\n',
      refused: [],
    })
  })

  it('that are too long are refused by their id, and later ones pass', async () => {
    const long = `{"jsonrpc":"2.0","id":7,"x":"${'y'.repeat(100)}`
    const { passed, refused } = await through([long, 'y'.repeat(500), '"}\n{"b":2}\n'], 60)
    expect(passed).toBe('{"b":2}\n')
    expect(refused).toEqual(['7'])
    expect(JSON.parse(tooLongAnswer('7'))).toMatchObject({ id: 7, error: { code: -32600 } })
    expect(JSON.parse(tooLongAnswer('null'))).toMatchObject({ id: null })
  })
})
