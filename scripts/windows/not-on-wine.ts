// The tests that do not run in a Node for Windows on Wine, each with the reason. Everything else in
// vitest.windows.config.ts runs.

const GIT = 'needs git for Windows'

/** Parts of the path of a test file, with the reasons for its tests: by a part of their name, '' for all. */
const SKIPPED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kernel/workers/git/': { '': GIT },
}

/** @returns why a test is skipped; null for one that runs */
export function whyNot(file: string, name: string): string | null {
  const path = file.replaceAll('\\', '/')
  for (const [part, tests] of Object.entries(SKIPPED)) {
    if (!path.includes(`/${part}`)) continue
    const found = Object.entries(tests).find(([words]) => name.includes(words))
    if (found !== undefined) return found[1]
  }
  return null
}
