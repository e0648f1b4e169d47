// `npm run bench [NAME]…`: runs each bench/*.bench.ts, or those whose name contains one of the given words, each in its
// own process and one after the other, so that they do not disturb each other's figures.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename } from 'node:path'

const words = process.argv.slice(2)
const files = globSync('bench/*.bench.ts').sort()
const chosen =
  words.length === 0 ? files : files.filter((file) => words.some((word) => basename(file).includes(word)))

if (chosen.length === 0) {
  console.error(
    `No benchmark matches. There are: ${files.map((file) => basename(file, '.bench.ts')).join(', ')}`,
  )
  process.exitCode = 1
}
for (const file of chosen) {
  console.log(`\n== ${basename(file, '.bench.ts')}`)
  const { status } = spawnSync(process.execPath, ['--expose-gc', file], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
