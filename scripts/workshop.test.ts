import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import semver from 'semver'
import { describe, expect, it } from 'vitest'

interface Manifest {
  engines: { node: string }
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  scripts: Record<string, string>
}
interface Locked {
  engines?: { node?: string } | string[]
  os?: string[]
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const tracked = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0')
const sources = tracked.filter((path) => /\.(m?[jt]s|svelte|css|html)$/.test(path))
const textOf = new Map(sources.map((path) => [path, readFileSync(path, 'utf8')]))

function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:\b(?:from|import)\s+|\b(?:import|require)\()['"]([^'"\n]+)['"]/g)
  return [...found].flatMap(([, name]) => name ?? [])
}

/** `@scope/name/part` and `name/part` belong to the package before the part. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

describe('W, B13: the development setup', () => {
  it('declares no Node version that an installed package warns about', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, Locked>
    }
    const lowest = manifest.engines.node.split('||').map((range) => semver.minVersion(range)?.version ?? '')
    const warning = Object.entries(packages).flatMap(([name, { engines }]) => {
      const wanted = engines !== undefined && !Array.isArray(engines) ? engines.node : undefined
      return lowest
        .filter((version) => wanted !== undefined && !semver.satisfies(version, wanted))
        .map((version) => `${name} on ${version}`)
    })

    expect(lowest.every((version) => semver.gte(version, '22.14.0'))).toBe(true)
    expect(warning).toEqual([])
  })

  it('README names the Node version from package.json', () => {
    const [, named] = /You need git and Node\.js (\S+)/.exec(readFileSync('README.md', 'utf8')) ?? []

    expect(named).toBe('22.14')
  })

  it('rebuilds before a start when a folder that the build reads has changed', () => {
    const [, listed = ''] = /'\{([\w,]+)\}\/\*\*\/\*'/.exec(textOf.get('scripts/start.mjs') ?? '') ?? []
    const roots = ['electron', 'doors', 'kernel', 'renderer']
    const reached = sources
      .filter((path) => roots.includes(path.split('/')[0] ?? '') && !/\btest|\.soak\./.test(path))
      .flatMap((path) =>
        importsOf(textOf.get(path) ?? '')
          .filter((name) => name.startsWith('.'))
          .map((name) => new URL(name, `file:///${path}`).pathname.split('/')[1] ?? ''),
      )

    expect(new Set(listed.split(','))).toEqual(
      new Set([...roots, ...reached.filter((name) => !name.includes('.'))]),
    )
  })

  it('lists every package that a source imports', () => {
    const listed = new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }))
    const missing = [...textOf].flatMap(([path, text]) =>
      importsOf(text)
        .filter(
          (name) =>
            /^(@[a-z]|[a-z])[\w./-]*$/.test(name) && !isBuiltin(name) && name.includes('virtual:') === false,
        )
        .map(packageOf)
        .filter((name) => !listed.has(name))
        .map((name) => `${path}: ${name}`),
    )

    expect(missing).toEqual([])
  })

  it('pins each action of the hosted workflow to a commit', () => {
    const workflows = tracked.filter((path) => /^\.github\/workflows\/.+\.yml$/.test(path))
    const used = workflows.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/\buses: (.+)$/gm)])

    expect(used.length).toBeGreaterThan(0)
    expect(
      used.map(([, action = '']) => action).filter((action) => !/@[\da-f]{40} # v\d/.test(action)),
    ).toEqual([])
  })

  it('lists no package that nothing uses', () => {
    const used = new Set([...textOf.values()].flatMap(importsOf).map(packageOf))
    const scripts = `${Object.values(manifest.scripts).join(' ')} ${[...textOf.values()].join('\n')} ${readFileSync('.prettierrc', 'utf8')}`
    const unused = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      (name) => !used.has(name) && !name.startsWith('@types/') && !scripts.includes(name),
    )

    expect(unused).toEqual([])
  })
})
