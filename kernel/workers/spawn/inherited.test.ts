import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { expect, it } from 'vitest'
import { withoutInherited } from './inherited.ts'

const LIST = {
  file: '/bin/sh',
  args: ['-c', 'echo "$1"; ls -l /proc/$$/fd', 'list', "a 'quoted' $word"],
}

/** The argument that was passed through, and which descriptors of /dev/null the command has. */
function descriptorsOf({ file, args }: { file: string; args: string[] }): {
  word: string | undefined
  open: number[]
} {
  const extra = Array.from({ length: 9 }, () => openSync('/dev/null', 'r'))
  try {
    const stdio = ['ignore' as const, 'pipe' as const, 'ignore' as const, ...extra]
    const [word, ...lines] = spawnSync(file, args, { stdio, encoding: 'utf8' }).stdout.split('\n')
    const open = lines.flatMap((line) => /(\d+) -> \/dev\/null$/.exec(line)?.[1] ?? []).map(Number)
    return { word, open: open.sort((a, b) => a - b) }
  } finally {
    for (const fd of extra) closeSync(fd)
  }
}

it.runIf(process.platform === 'linux')('a command keeps its own descriptors and no other', () => {
  expect(descriptorsOf(LIST).open).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(descriptorsOf(withoutInherited(LIST, 5, true))).toEqual({
    word: "a 'quoted' $word",
    open: [0, 2, 3, 4],
  })
  expect(descriptorsOf(withoutInherited(LIST, 3, true)).open).toEqual([0, 2])
})

it('outside Chromium a command is unchanged', () => {
  expect(withoutInherited(LIST, 5, false)).toBe(LIST)
})
