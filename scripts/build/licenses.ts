import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/** A package whose code is in the built app, as Vite records it. */
interface Licensed {
  name: string
  version: string
  /** SPDX, null if the package does not declare one. */
  identifier: string | null
  text: string | null
}

function readList(file: string): Licensed[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Licensed[]
}

/** A package that Vite does not list. */
function asItIs(folder: string, licence: string): Licensed {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license: string
  }
  return { name, version, identifier: license, text: readFileSync(join(folder, licence), 'utf8') }
}

/**
 * Collects the licences of all packages in the app into one list beside the page, which shows it under “About”. The
 * page is built last.
 */
export function licenses(): Plugin {
  let root = ''
  return {
    name: 'runboard:licenses',
    configResolved(config) {
      // The root of the page's build is the project's folder `renderer`.
      root = join(config.root, '..')
    },
    closeBundle() {
      const [main, page] = ['main', 'renderer'].map((name) => join(root, 'out', name, 'licenses.json')) as [
        string,
        string,
      ]
      const modules = join(root, 'node_modules')
      const others = [
        asItIs(join(modules, 'better-sqlite3'), 'LICENSE'),
        // Only in a worker of the page, whose packages Vite does not list.
        asItIs(join(modules, 'highlight.js'), 'LICENSE'),
        // In the packages for Windows and macOS.
        asItIs(join(modules, 'koffi'), 'LICENSE.txt'),
      ]
      const all = [...readList(main), ...readList(page), ...others]
      const once = new Map(all.map((entry) => [`${entry.name} ${entry.version}`, entry]))
      const sorted = [...once.values()].sort((a, b) => a.name.localeCompare(b.name))
      writeFileSync(page, JSON.stringify(sorted))
      rmSync(main)
    },
  }
}
