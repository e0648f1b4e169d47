import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { appSettings, boardSettingsInput, OWN_TOOLS, profileFields } from '../contract/index.ts'
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
    expect(firstCells('profiles.md', '## Fields')).toEqual(sorted(Object.keys(profileFields.shape)))
  })

  it('every setting of a board and of the app', () => {
    expect(firstCells('settings.md', '## Settings of a board')).toEqual(
      sorted(Object.keys(boardSettingsInput.shape)),
    )
    expect(firstCells('settings.md', '## Settings of the app')).toEqual(
      sorted(Object.keys(appSettings.shape)),
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
