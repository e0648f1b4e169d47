import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fakeKernel, runCli } from './test-run.ts'
import { verbs } from './all-verbs.ts'

const folder = mkdtempSync(join(tmpdir(), 'runboard-file-flags-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const TEXT = 'x'.repeat(150_000)
const JSON_TEXT = JSON.stringify({ notes: 'y'.repeat(200_000) })
const LIST_TEXT = JSON.stringify(['z'.repeat(200_000), { key: 'a' }])
const text = join(folder, 'text')
const json = join(folder, 'json')
const note = join(folder, 'note')
const list = join(folder, 'list')
writeFileSync(text, TEXT)
writeFileSync(json, JSON_TEXT)
writeFileSync(list, LIST_TEXT)
writeFileSync(note, 'a note\nof two lines')

async function asked(line: string[], stdin?: string) {
  const kernel = fakeKernel(() => ({
    results: [],
    tasks: [],
    question: { id: 1, state: 'answered', answer: {} },
  }))
  const { code, stderr } = await runCli([...line, '--json'], {
    cwd: folder,
    kernel,
    ...(stdin === undefined ? {} : { stdin }),
  })
  return { code, stderr, input: kernel.calls[0]?.input }
}

const FLAGS: [string, string, string, string][] = [
  ['complete t_1', '--summary-file', 'summary', text],
  ['complete t_1', '--metadata-file', 'metadata', json],
  ['complete t_1', '--result-file', 'result', text],
  ['request-review t_1', '--summary-file', 'summary', text],
  ['request-review t_1', '--metadata-file', 'metadata', json],
  ['block t_1', '--reason-file', 'reason', note],
  ['comment t_1', '--body-file', 'body', text],
  ['approve t_1', '--note-file', 'note', note],
  ['approve t_1', '--form-file', 'form', json],
  ['approve t_1', '--edit-file', 'edit', list],
  ['request-changes t_1', '--note-file', 'note', note],
  ['unblock t_1', '--answer-file', 'answer', note],
  ['retry t_1', '--note-file', 'note', note],
  ['reopen t_1', '--note-file', 'note', note],
  ['move t_1 done', '--note-file', 'note', note],
  ['reclaim t_1', '--reason-file', 'reason', note],
  ['goto t_1 fix', '--reason-file', 'reason', note],
  ['skip t_1 --verdict=done', '--reason-file', 'reason', note],
  ['let-go t_1 a', '--reason-file', 'reason', note],
  ['more-rounds t_1', '--reason-file', 'reason', note],
  ['cancel-workflow t_1', '--reason-file', 'reason', note],
  ['restart t_1 --from 1', '--reason-file', 'reason', note],
  ['ask t_1 Which?', '--form-file', 'form', json],
  ['ask t_1 Which?', '--diff-file', 'diff', note],
  ['answer 1', '--text-file', 'text', note],
  ['tell t_1', '--body-file', 'body', note],
  ['create x', '--body-file', 'body', text],
  ['edit t_1', '--body-file', 'body', text],
  ['edit t_1', '--summary-file', 'summary', text],
  ['edit t_1', '--metadata-file', 'metadata', json],
  ['edit t_1', '--result-file', 'result', text],
]

describe('A8: a long text comes from a file', () => {
  it('lists every such flag of the contract', () => {
    const declared = verbs.flatMap(({ words, flags }) =>
      flags.flatMap(({ flag, parse }) =>
        // The conformance suite covers flags whose value can only come from a file, such as --verdicts.
        (parse === 'file' || parse === 'json-file') && flag.endsWith('-file')
          ? [`${words.join(' ')} ${flag}`]
          : [],
      ),
    )
    expect(FLAGS.map(([line, flag]) => `${line.replace(/ (?:t_1|x|1)\b.*/, '')} ${flag}`).sort()).toEqual(
      declared.sort(),
    )
  })

  it.each(FLAGS)('%s %s gives %s', async (line, flag, field, path) => {
    const content = {
      [text]: TEXT,
      [json]: JSON.parse(JSON_TEXT) as unknown,
      [list]: JSON.parse(LIST_TEXT) as unknown,
      [note]: 'a note\nof two lines',
    }[path]
    const { code, input, stderr } = await asked([...line.split(' '), flag, path])
    expect([code, stderr]).toEqual([0, ''])
    expect(input?.[field]).toEqual(content)
    const given = { [json]: JSON_TEXT, [list]: LIST_TEXT }[path]
    const piped = await asked([...line.split(' '), flag, '-'], given ?? 'piped words')
    expect(piped.input?.[field]).toEqual(given === undefined ? 'piped words' : content)
  })

  it.each([
    [
      ['complete', 't_1', '--summary', 'a', '--summary-file', text],
      'Give --summary or --summary-file, not both.',
    ],
    [['comment', 't_1', 'words', '--body-file', text], 'Give TEXT or --body-file, not both.'],
    [['request-changes', 't_1', 'words', '--note-file', note], 'Give NOTE or --note-file, not both.'],
    [['complete', 't_1', '--summary-file', '-', '--metadata-file', '-'], 'cannot both read standard input'],
    [['complete', 't_1', 't_2', '--summary-file', text], 'belongs to one run'],
    [['comment', 't_1'], 'TEXT is missing'],
  ])('refuses %j with exit code 2', async (line, message) => {
    const { code, input, stderr } = await asked(line)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(input).toBeUndefined()
  })

  it.each([
    ['missing', () => join(folder, 'nope'), 'does not exist'],
    ['a folder', () => folder, 'it is a folder'],
    ['a pipe that nobody writes to', fifo, 'it is not a regular file'],
    ['not UTF-8', () => written('latin', Buffer.from([0x61, 0xff])), 'is not UTF-8 text'],
    ['too large', large, 'more than 8 MB'],
  ])('refuses a file that is %s, and names it', async (_what, path, message) => {
    const file = path()
    for (const flag of ['--summary-file', '--metadata-file']) {
      const { code, input, stderr } = await asked(['complete', 't_1', flag, file])
      expect(code).toBe(2)
      expect(stderr).toContain(flag)
      expect(stderr).toContain(message)
      expect(input).toBeUndefined()
    }
  })

  it('refuses metadata that is not a JSON object', async () => {
    expect((await asked(['complete', 't_1', '--metadata-file', note])).stderr).toContain('expected JSON')
    expect((await asked(['complete', 't_1', '--metadata-file', written('list', '[1]')])).code).toBe(2)
  })
})

function written(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

function fifo(): string {
  execFileSync('mkfifo', [join(folder, 'fifo')])
  return join(folder, 'fifo')
}

function large(): string {
  const path = written('large', '')
  truncateSync(path, 9 * 1024 * 1024)
  return path
}
