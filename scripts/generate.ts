// Writes the generated files; with --check it writes nothing and fails if one is out of date.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { format, getFileInfo, resolveConfig } from 'prettier'
import { generators } from './generators.ts'

/** Generated files pass the same format check as handwritten ones. */
async function formatted(file: string, content: string): Promise<string> {
  const { ignored, inferredParser } = await getFileInfo(file, { ignorePath: '.prettierignore' })
  if (ignored || inferredParser === null) return content
  return format(content, { ...(await resolveConfig(file)), filepath: file })
}

const check = process.argv.includes('--check')

for (const { file, content } of generators) {
  const wanted = await formatted(file, await content())
  if (existsSync(file) && (await readFile(file, 'utf8')) === wanted) continue
  if (check) {
    console.error(`${file} is not what its sources make now: run \`npm run generate\`.`)
    process.exitCode = 1
  } else {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, wanted)
    console.log(`wrote ${file}`)
  }
}
