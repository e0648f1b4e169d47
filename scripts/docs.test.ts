import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { appSettings, boardSettingsInput, OWN_TOOLS, profileFields } from '../contract/index.ts'
import { verbs } from '../doors/cli/all-verbs.ts'
import { CONFIRM_FLAG, GLOBAL_FLAGS } from '../doors/cli/verbs.ts'
import { workerEnvironment } from '../kernel/workers/environment/environment.ts'

/** @returns the words in backticks of the first cells of the tables between a heading and the next one of its level */
function firstCells(page: string, heading: string): string[] {
  const text = readFileSync(`docs/${page}`, 'utf8')
  const level = /^#+/.exec(heading)?.[0] ?? '##'
  const part = text.split(`\n${heading}\n`)[1]?.split(new RegExp(`^#{1,${level.length}} `, 'm'))[0] ?? ''
  const cells = part.split('\n').flatMap((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? [])
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)).sort()
}

const sorted = (names: Iterable<string>) => [...names].sort()

describe('the documentation names', () => {
  it('every field of a profile', () => {
    expect(firstCells('profiles.md', '## Fields')).toEqual(sorted(Object.keys(profileFields().shape)))
  })

  it('every setting of a board and of the app', () => {
    expect(firstCells('settings.md', '## Settings of a board')).toEqual(
      sorted(Object.keys(boardSettingsInput().shape)),
    )
    expect(firstCells('settings.md', '## Settings of the app')).toEqual(
      sorted(Object.keys(appSettings().shape)),
    )
  })

  it('every variable that a worker gets', () => {
    const run = {
      ...{ home: '/h', board: 'b', task: 't', run: '1', attempt: 1, claim: 'c', workspace: '/w' },
      ...{ profile: 'p', title: 'T', tenant: 't', branch: 'b', context_file: '/c', model: 'm' },
      ...{ skills: ['s'], bin_dir: '/bin', bin: '/bin/runboard' },
    }
    const given = Object.keys(workerEnvironment({}, {}, run)).filter((name) => name.startsWith('RUNBOARD_'))
    const named = firstCells('settings.md', '## Variables')
    expect(given.filter((name) => !named.includes(name))).toEqual([])
  })

  it('every tool for agents', () => {
    expect(firstCells('mcp.md', '## Tools')).toEqual(sorted(OWN_TOOLS))
  })

  it('every file of the bridge', () => {
    const files = readdirSync('doors/acp').filter((name) => /^[a-z-]+\.ts$/.test(name))
    const named = firstCells('architecture.md', '## The bridge').filter((name) => !name.endsWith('/'))
    expect(named).toEqual(sorted(files.map((name) => name.replace('.ts', ''))))
  })
})

/** The words of a command, up to a comment, a pipe or the end of a substitution. Quotes keep words together. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:"(?:\\.|[^"])*"|'[^']*'|[^\s"'])+/g) ?? []
  const end = words.findIndex((word) => /^(?:#|\||>|;|&|\|\|)/.test(word))
  return (end < 0 ? words : words.slice(0, end)).map((word) => word.replace(/[).,;:]+$/, ''))
}

/** @returns the commands that a page shows, in blocks of code and within sentences */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.replaceAll('\\\n', ' ').split('\n'),
  )
  const inline = [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
  return [...blocks, ...inline].flatMap(
    (line) => /(?:^|[\s($])runboard (?=[-a-z])(.*)/s.exec(line)?.[1] ?? [],
  )
}

/** @returns why a command cannot be typed: its verb or one of its flags does not exist; null when it can */
function wrongIn(command: string): string | null {
  const words = wordsOf(command)
  while (words[0] === '--board' || words[0] === '--home') words.splice(0, 2)
  const verb = verbs
    .filter((one) => one.words.every((word, index) => words[index] === word))
    .sort((a, b) => b.words.length - a.words.length)[0]
  if (words.length === 0 || words[0]?.startsWith('--') === true) return null
  if (verb === undefined) return verbs.some((one) => one.words[0] === words[0]) ? null : `no verb: ${command}`
  const known: string[] = [...verb.flags, ...GLOBAL_FLAGS, CONFIRM_FLAG].map(({ flag }) => flag)
  const end = words.indexOf('--')
  const typed = (end < 0 ? words : words.slice(0, end)).flatMap(
    (word) => /^(--[a-z][a-z-]*)/.exec(word)?.[1] ?? [],
  )
  const unknown = typed.filter((flag) => !known.includes(flag))
  return unknown.length === 0 ? null : `no flag ${unknown.join(', ')}: ${command}`
}

const pages = readdirSync('docs').filter((name) => name.endsWith('.md'))

it.each(['README.md', 'CHANGELOG.md', ...pages.map((name) => `docs/${name}`)])(
  'every command in %s has a verb and flags that exist',
  (page) => {
    const commands = commandsIn(readFileSync(page, 'utf8'))
    expect(commands.flatMap((command) => wrongIn(command) ?? [])).toEqual([])
  },
)

it('finds commands in blocks and sentences, and names what is wrong with one', () => {
  const text =
    'Type `runboard frob ID`.\n\n```sh\nid=$(runboard create "A --title" --hold)   # runboard x --y\n```\n'
  expect(commandsIn(text)).toEqual(['create "A --title" --hold)   # runboard x --y', 'frob ID'])
  expect(commandsIn(text).map(wrongIn)).toEqual([null, 'no verb: frob ID'])
  expect(wrongIn('ask "A?" --choice red -- --not-a-flag')).toMatch(/^no flag --choice: /)
})
