import { resolve } from 'node:path'
import { normalizePath, type Plugin } from 'vite'

/** As Vite names modules: with slashes on Windows too. */
const moduleAt = (path: string) => normalizePath(resolve(path))

/** The page's first script, which asks for the board, and the screens, which it imports meanwhile. */
const START = moduleAt('renderer/app/main.ts')
const SCREENS = moduleAt('renderer/app/App.svelte')

interface Modules {
  getModuleInfo: (id: string) => { importedIds: readonly string[] } | null
}

interface Chunk {
  type: 'chunk'
  name: string
  fileName: string
  imports: string[]
  viteMetadata?: { importedCss: Set<string> }
}

/** The modules that each script imports, directly or not, but not by `import()`. */
const reached = new Map<string, ReadonlySet<string>>()

function modulesOf(first: string, modules: Modules): ReadonlySet<string> {
  const known = reached.get(first)
  if (known !== undefined) return known
  const all = new Set([first])
  for (const id of all) for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) all.add(imported)
  reached.set(first, all)
  return all
}

/**
 * The file of the page that a module is built into: one for what the first script uses, one for the screens. A browser
 * asks a server for six files at a time, so more files would delay the first paint.
 *
 * @returns null for modules of what is loaded later
 */
export function pageFileOf(id: string, modules: Modules): string | null {
  if (modulesOf(START, modules).has(id)) return 'start'
  return modulesOf(SCREENS, modules).has(id) ? 'screens' : null
}

/** Lets the page fetch the screens along with its first script, instead of after it. */
export function preloadScreens(): Plugin {
  return {
    name: 'runboard:preload-screens',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const screens = Object.values(bundle as Record<string, Chunk>).find(({ name }) => name === 'screens')
        if (screens === undefined) throw new Error('The page has no file of screens')
        const link = (rel: string, name: string) => ({
          tag: 'link',
          attrs: { rel, crossorigin: true, href: `./${name}` },
          injectTo: 'head' as const,
        })
        return [
          link('modulepreload', screens.fileName),
          ...[...(screens.viteMetadata?.importedCss ?? [])].map((name) => link('stylesheet', name)),
        ]
      },
    },
  }
}
