import { readFileSync } from 'node:fs'
import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

const eslint = new ESLint({
  // The rules under test need no types, and these files are not on disk.
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: false, program: null } },
  },
  ruleFilter: ({ ruleId }) => RULES.includes(ruleId),
})
const RULES = [
  'no-duplicate-imports',
  '@typescript-eslint/no-restricted-imports',
  'no-restricted-syntax',
  'no-restricted-globals',
  'n/no-unsupported-features/node-builtins',
  'n/no-unsupported-features/es-builtins',
  'n/no-unsupported-features/es-syntax',
]

async function messages(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath })
  return result!.messages.map(({ message }) => message)
}

describe('refuses an import against the direction, and says where the code belongs', () => {
  it.each([
    [
      'contract/operations/runs.ts',
      "import { openBoard } from '../../kernel/index.ts'",
      /belongs in kernel\//,
    ],
    ['contract/states.ts', "import { readFile } from 'node:fs/promises'", /imports only zod/],
    ['contract/states.ts', "import { Command } from 'commander'", /imports only zod/],
    ['formats/own-errors.ts', "import { z } from 'zod'", /formats\/ reads text/],
    ['formats/own-errors.ts', "import { readFile } from 'node:fs/promises'", /formats\/ reads text/],
    ['formats/own-errors.ts', "import { OUTCOMES } from '../contract/states.ts'", /only types of contract/],
    ['formats/own-errors.ts', "import { openBoard } from '../kernel/index.ts'", /formats\/ reads text/],
    [
      'kernel/dispatcher/claimer.ts',
      "import { serve } from '../../doors/http/server.ts'",
      /belongs in doors\//,
    ],
    ['kernel/db/open.ts', "import { app } from 'electron'", /belongs in doors\/.* electron\//],
    [
      'kernel/db/open.ts',
      "export { app } from '../../electron/main/index.ts'",
      /needs a window in electron\//,
    ],
    [
      'doors/http/server.ts',
      "import { tasks } from '../../kernel/tables/tasks.ts'",
      /Only kernel\/index\.ts/,
    ],
    ['doors/cli/main.ts', "await import('../../kernel/db/open.ts')", /Only kernel\/index\.ts/],
    ['doors/cli/main.ts', "await import('better-sqlite3')", /belong in kernel\//],
    ['doors/cli/main.ts', "import { app } from 'electron'", /needs a window in electron\//],
    ['electron/main/index.ts', "import { serve } from '../../doors/http/server.ts'", /doors\/ipc\//],
    [
      'electron/main/index.ts',
      "import { tasks } from '../../kernel/tables/tasks.ts'",
      /Only kernel\/index\.ts/,
    ],
    [
      'renderer/app/client.ts',
      "import { runs } from '../../contract/operations/runs.ts'",
      /only types of contract\//,
    ],
    ['renderer/app/client.ts', "import type { Board } from '../../kernel/index.ts'", /belongs in kernel\//],
    ['renderer/app/client.ts', "import { join } from 'node:path'", /What needs Node/],
    ['renderer/app/client.ts', "import { join } from 'path'", /What needs Node/],
    ['renderer/app/client.ts', "await import('electron')", /What needs Node/],
    [
      'renderer/app/App.svelte',
      '<script lang="ts">import { z } from \'zod\'; z</script>',
      /only types of contract\//,
    ],
    ['bench/claim.bench.ts', "import { tasks } from '../kernel/tables/tasks.ts'", /Only kernel\/index\.ts/],
    ['kernel/db/open.test.ts', "import { app } from 'electron'", /kernel\/ imports only/],
  ])('%s: %s', async (file, code, where) => {
    expect(await messages(file, code)).toEqual([expect.stringMatching(where)])
  })
})

describe('accepts an import along the direction', () => {
  it.each([
    ['contract/operations/runs.ts', "import { z } from 'zod'; import { text } from '../values.ts'; z; text"],
    ['kernel/db/open.ts', "import Database from 'better-sqlite3'; import { join } from 'node:path'"],
    ['kernel/dispatcher/claimer.ts', "import { TASK_STATUSES } from '../../contract/states.ts'"],
    ['kernel/dispatcher/claimer.ts', "import { spawnWorker } from '../workers/spawn.ts'"],
    ['kernel/db/open.test.ts', "import { test } from 'vitest'; import fc from 'fast-check'"],
    ['doors/cli/main.ts', "import { openBoard } from '../../kernel/index.ts'"],
    ['doors/http/server.ts', "import { os } from '@orpc/server'; import { z } from 'zod'"],
    [
      'electron/main/index.ts',
      "import { connect } from '../../doors/ipc/main.ts'; import { app } from 'electron'",
    ],
    ['renderer/app/client.ts', "import type { Task } from '../../contract/rows.ts'"],
    ['renderer/app/client.ts', "import { TASK_STATUSES } from '../../contract/states.ts'"],
    ['formats/own-errors.ts', "import type { Profile } from '../contract/index.ts'"],
    ['renderer/app/client.ts', "import { errorBrief } from '../../formats/own-errors.ts'"],
    ['kernel/lifecycle/fail.ts', "import { errorBrief } from '../../formats/own-errors.ts'"],
    ['doors/cli/main.ts', "import { errorBrief } from '../../formats/own-errors.ts'"],
  ])('%s: %s', async (file, code) => {
    expect(await messages(file, code)).toEqual([])
  })
})

describe('SQL is allowed in one place', () => {
  const code = "declare const db: { prepare(sql: string): void }; db.prepare('SELECT 1')"

  it.each(['kernel/operations/tasks.ts', 'doors/http/server.ts', 'electron/main/index.ts'])(
    '%s may not prepare a statement',
    async (file) => {
      expect(await messages(file, code)).toEqual([expect.stringMatching(/kernel\/tables\//)])
    },
  )

  it.each(['kernel/tables/tasks.ts', 'kernel/db/open.ts', 'kernel/operations/tasks.test.ts'])(
    '%s may prepare a statement',
    async (file) => {
      expect(await messages(file, code)).toEqual([])
    },
  )

  it('the import directions also apply to a folder with SQL', async () => {
    expect(await messages('kernel/tables/tasks.ts', "await import('electron')")).toHaveLength(1)
  })
})

describe('packaged code must run on the oldest runtime', () => {
  it.each([
    ['kernel/dispatcher/claimer.ts', 'AbortSignal.any([])'],
    ['doors/ipc/main.ts', 'Promise.withResolvers()'],
    ['contract/values.ts', 'Object.groupBy([], String)'],
    ['electron/main/index.ts', 'globalThis.crypto.randomUUID()'],
    ['electron/main/index.ts', 'crypto.randomUUID()'],
    ['kernel/db/open.ts', "import { globSync } from 'node:fs'; globSync('*')"],
  ])('%s: %s is refused', async (file, code) => {
    expect((await messages(file, code))[0]).toMatch(/18\.15/)
  })

  it('a page has no globals of Node', async () => {
    expect(await messages('renderer/app/client.ts', 'process.exit()')).toHaveLength(1)
  })
})

it('a module is imported once, with its types beside its values', async () => {
  const [types, values] = ["import type { A } from './a.ts'", "import { b } from './a.ts'"]
  expect(await messages('kernel/x.ts', "import { type A, b } from './a.ts'")).toEqual([])
  expect(await messages('kernel/x.ts', `${types}\n${values}`)).toEqual([expect.stringMatching(/duplicated/)])
  expect(await messages('kernel/x.ts', `${values}\nimport { c } from './a.ts'`)).toEqual([
    expect.stringMatching(/duplicated/),
  ])
  expect(await messages('renderer/x.ts', `${types}\nimport type { C } from './a.ts'`)).toHaveLength(1)
})

it("the decision about the kernel's packages gives the reason of the lint for each", () => {
  const page = readFileSync('docs/decisions/kernel-imports.md', 'utf8')
  const [, table = ''] =
    /KERNEL_PACKAGES = \{([^}]+)\}/.exec(readFileSync('scripts/lint/import-directions.js', 'utf8')) ?? []
  const inLint = [...table.matchAll(/'?([\w-]+)'?: '(.+)',/g)].map(([, name, reason]) => `${name}: ${reason}`)
  const onPage = [...page.matchAll(/^\| `(.+?)` \| (.+?) \|$/gm)].map(
    ([, name, reason]) => `${name}: ${reason}`,
  )

  expect(onPage).toEqual(inLint)
  expect(inLint).not.toEqual([])
})
