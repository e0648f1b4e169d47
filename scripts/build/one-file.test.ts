import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../kernel/testing/setup.ts'
import { asOneFile, requiringOneFile, runnerOf } from './one-file.ts'

const FILES = [
  {
    fileName: 'chunks/m1-0a_b-c12.cjs',
    code: "exports.said = 'so “it” is 😀'; console.log('said runs')\n//# sourceMappingURL=m1-0a_b-c12.cjs.map\n",
  },
  { fileName: 'chunks/m2-0000000a.cjs', code: "console.log('never seen')" },
  {
    fileName: 'chunks/m10-ABCDEFGH.cjs',
    code: "exports.quote = '“'; exports.say = () => console.log(require('./m1-0a_b-c12.cjs').said, require('./own.cjs'))\n",
    map: JSON.stringify({ version: 3, sources: ['says.ts'], names: [], mappings: 'AAIA,qBACA' }),
  },
]
const OWN = new Set(FILES.map(({ fileName }) => fileName))

/** The files of compiled code, without those that Node itself keeps. */
function keptIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  const versions = readdirSync(folder).filter((name) => /^[0-9a-f]{12}-/.test(name))
  return versions.flatMap((version) =>
    readdirSync(join(folder, version)).map((verb) => join(folder, version, verb)),
  )
}

/** A built program of three common modules, one file of its own, and the verbs of a command line. */
function build() {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'chunks'))
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
  }
  const { code, map } = asOneFile(FILES, 'chunks/common-code.cjs')
  const main = "require('./chunks/m10-ABCDEFGH.cjs').say(); process.exitCode = Number(process.argv[3] ?? 0)"
  write('chunks/common-code.cjs', code)
  write('chunks/common-code.cjs.map', map)
  write('chunks/run.cjs', runnerOf('chunks/common-code.cjs', code))
  write('chunks/own.cjs', "module.exports = 'own'")
  write('cli.cjs', requiringOneFile({ fileName: 'cli.cjs', code: main }, OWN, 'chunks/run.cjs'))
  copyFileSync(join(folder, 'cli.cjs'), join(folder, 'index.cjs'))
  const inCache = { XDG_CACHE_HOME: join(folder, 'cache'), LOCALAPPDATA: join(folder, 'cache') }
  const runIn = (env: Record<string, string>, program: string, ...argv: string[]) =>
    execFileSync(process.execPath, [join(folder, program), ...argv], { env, encoding: 'utf8' })
  return {
    folder,
    runIn,
    run: (program: string, ...argv: string[]) => runIn(inCache, program, ...argv),
    kept: () => keptIn(join(folder, 'cache', 'runboard', 'compile')),
  }
}

it('runs a module when it is first required, from its own file and from others', () => {
  expect(build().run('cli.cjs')).toBe('said runs\nso “it” is 😀 own\n')
})

it('has the lines of the sources', () => {
  const { folder } = build()
  const file = join(folder, 'chunks/common-code.cjs')
  const lines = readFileSync(file, 'utf8').split('\n')
  const line = lines.findIndex((each) => each.includes('exports.say'))
  const column = lines[line]?.indexOf('exports.say') ?? 0
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as never)
  expect(map.findEntry(line, column - 1)).toMatchObject({ originalSource: 'says.ts', originalLine: 4 })
  expect(map.findEntry(line, column)).toMatchObject({ originalSource: 'says.ts', originalLine: 5 })
})

it('leaves the columns of other files as they were', () => {
  const own = { fileName: 'chunks/own.cjs', code: 'require(`./m2-0000000a.cjs`);later()' }
  expect(requiringOneFile(own, OWN, 'chunks/run.cjs')).toBe('require("./run.cjs")("m2")  ;later()')
  expect(() => requiringOneFile(own, OWN, 'chunks/longer-name.cjs')).toThrow('is longer than')
})

it('keeps the compiled code for each verb that has succeeded, and does not mind what it finds there', () => {
  const { run, kept } = build()
  const said = run('cli.cjs', 'list')
  const [list = ''] = kept()
  expect(kept()).toEqual([expect.stringMatching(/list$/)])
  const first = readFileSync(list)

  expect(run('cli.cjs', 'list')).toBe(said)
  expect(readFileSync(list)).toEqual(first)

  writeFileSync(list, first.subarray(0, first.length / 2))
  expect(run('cli.cjs', 'list')).toBe(said)
  expect(readFileSync(list).length).toBe(first.length)

  expect(() => run('cli.cjs', 'show', '1')).toThrow()
  run('cli.cjs', '--json')
  expect(kept().map((path) => path.replace(/.*[\\/]/, ''))).toEqual(['list', 'other'])
})

it.runIf(process.platform !== 'win32')('succeeds where no compiled code can be kept', () => {
  const { run, runIn } = build()
  expect(runIn({ XDG_CACHE_HOME: '/dev/null' }, 'cli.cjs', 'list')).toBe(run('cli.cjs', 'list'))
})

it('keeps none for the app', () => {
  const { run, kept } = build()
  run('index.cjs', 'list')
  expect(kept()).toEqual([])
})

it.runIf(process.platform !== 'win32')('keeps it where only its user can write', () => {
  const { folder, runIn } = build()
  // A relative path is not one of the user's folders.
  runIn({ HOME: folder, XDG_CACHE_HOME: 'mine' }, 'cli.cjs', 'list')
  const [list = ''] = keptIn(join(folder, '.cache/runboard/compile'))
  expect(statSync(list).mode & 0o077).toBe(0)
  expect(statSync(dirname(list)).mode & 0o077).toBe(0)
})
