import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, posix, resolve } from 'node:path'
import { decode, encode } from '@jridgewell/sourcemap-codec'
import type { Plugin } from 'vite'

/** A file of the build, and the source map beside it. */
interface BuiltFile {
  fileName: string
  code: string
  map?: string | undefined
}

interface Section {
  offset: { line: number; column: number }
  map: unknown
}

const REQUIRED = /\brequire\((["'`])(\.[^"'`]+)\1\)/g

/** From the project's folder, as the configuration of the build is bundled elsewhere before it is run. */
const RUNNER = resolve('scripts/build/run-common.cjs')

/** Gives each module what it exports, and runs it when it is first asked for. It returns how many have run. */
const HEAD = [
  '(function(module,require,__filename,__dirname){',
  'const made=Object.create(null);let ran=0;',
  'module.exports=name=>made[name]??run(name);',
  'const run=name=>{ran++;const exports=made[name]={};modules[name](exports);return exports};',
  'const modules={',
].join('')

const withoutMap = (code: string) => code.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '')

/**
 * @param from the file that requires
 * @param change what to put in place of `require("FILE")`; null leaves it
 */
function withRequires(code: string, from: string, change: (file: string) => string | null): string {
  return code.replace(REQUIRED, (call, _quote: string, path: string) => {
    const changed = change(posix.join(dirname(from), path)) ?? call
    // As long as before, so that the columns of the source map stay true.
    if (changed.length > call.length) throw new Error(`${changed} is longer than ${call}`)
    return changed.padEnd(call.length)
  })
}

/** The name of a chunk ends with a hash of its content, which is said at each use, and which nobody needs here. */
const keyOf = (fileName: string) => JSON.stringify(basename(fileName).replace(/(?:-[\w-]{8})?\.cjs$/, ''))

/** Bytes that are ASCII are read as text without decoding. In a string and in a regular expression, `\u` means the same. */
function inAscii(code: string): string {
  if (/\\[\u0080-\uffff]/.test(code)) throw new Error('a character that is not ASCII follows a backslash')
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** @returns the mappings of a file for its code as `inAscii` has it: the columns behind each escape have moved */
function mappingsInAscii(mappings: string, code: string): string {
  const lines = code.split('\n')
  const decoded = decode(mappings)
  for (const [at, segments] of decoded.entries()) {
    const text = lines[at] ?? ''
    let [before, column] = [0, 0]
    for (const segment of segments) {
      column += inAscii(text.slice(before, segment[0])).length
      before = segment[0]
      segment[0] = column
    }
  }
  return encode(decoded)
}

/**
 * Puts files of the build into one, each as a function that runs when it is first required: each file costs the time to
 * find it, and what a command does not use costs only its bytes.
 *
 * @param files in CommonJS
 * @param fileName of the file that they become
 * @returns the file, with a source map of sections
 */
export function asOneFile(files: readonly BuiltFile[], fileName: string): { code: string; map: string } {
  const own = new Set(files.map((file) => file.fileName))
  const parts = [HEAD]
  const sections: Section[] = []
  let line = 1
  for (const file of files) {
    const plain = withoutMap(file.code)
    const code = withRequires(inAscii(plain), file.fileName, (required) =>
      own.has(required) ? `module.exports(${keyOf(required)})` : null,
    )
    if (file.map !== undefined) {
      const map = JSON.parse(file.map) as { mappings: string }
      const moved = { ...map, mappings: mappingsInAscii(map.mappings, plain) }
      sections.push({ offset: { line: line + 1, column: 0 }, map: moved })
    }
    parts.push(`${keyOf(file.fileName)}:exports=>{`, code, '},')
    line += code.split('\n').length + 2
  }
  parts.push('};return()=>ran', '})', `//# sourceMappingURL=${basename(fileName)}.map`, '')
  return { code: parts.join('\n'), map: JSON.stringify({ version: 3, file: basename(fileName), sections }) }
}

/** @returns the code of another file, which gets the modules from what runs the one file */
export function requiringOneFile(file: BuiltFile, own: ReadonlySet<string>, runner: string): string {
  const path = posix.relative(dirname(file.fileName), runner)
  const from = path.startsWith('.') ? path : `./${path}`
  return withRequires(file.code, file.fileName, (required) =>
    own.has(required) ? `require(${JSON.stringify(from)})(${keyOf(required)})` : null,
  )
}

/** The program that runs the file, for which it is made. */
export function runnerOf(fileName: string, code: string): string {
  const digest = createHash('sha256').update(code).digest('hex').slice(0, 12)
  return readFileSync(RUNNER, 'utf8').replace('%FILE%', basename(fileName)).replace('%DIGEST%', digest)
}

/**
 * @param names of the chunks that become one file
 * @param folder of that file and of its runner
 */
export function oneFile(names: RegExp, folder: string): Plugin {
  // A longer name of the runner would make each call of it longer than the one that it replaces.
  const [fileName, runner] = [`${folder}/common-code.cjs`, `${folder}/run.cjs`]
  return {
    name: 'runboard:one-file',
    generateBundle(_options, bundle) {
      const mapOf = (name: string) => {
        const asset = bundle[`${name}.map`]
        return asset?.type === 'asset' ? String(asset.source) : undefined
      }
      const chunks = Object.values(bundle).filter((each) => each.type === 'chunk')
      const own = chunks
        .filter((chunk) => names.test(basename(chunk.fileName)))
        .map((chunk) => ({ fileName: chunk.fileName, code: chunk.code, map: mapOf(chunk.fileName) }))
      const ownNames = new Set(own.map((file) => file.fileName))
      for (const chunk of chunks) {
        if (!ownNames.has(chunk.fileName)) {
          const { code } = chunk
          chunk.code = requiringOneFile({ fileName: chunk.fileName, code }, ownNames, runner)
          continue
        }
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the way to leave a file out
        delete bundle[chunk.fileName]
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- as above
        delete bundle[`${chunk.fileName}.map`]
      }
      const { code, map } = asOneFile(own, fileName)
      this.emitFile({ type: 'asset', fileName, source: code })
      this.emitFile({ type: 'asset', fileName: `${fileName}.map`, source: map })
      this.emitFile({ type: 'asset', fileName: runner, source: runnerOf(fileName, code) })
    },
  }
}
