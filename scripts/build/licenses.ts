import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/** A package whose code is in the built app, as Vite writes it down. */
interface Licensed {
  name: string
  version: string
  /** SPDX, null where the package does not say. */
  identifier: string | null
  text: string | null
}

function readList(file: string): Licensed[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Licensed[]
}

/** A package that is not bundled but comes as it is. */
function asItIs(folder: string): Licensed {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license: string
  }
  return { name, version, identifier: license, text: readFileSync(join(folder, 'LICENSE'), 'utf8') }
}

/**
 * Puts the licences of all packages that are part of the app into one list beside the page, which shows it under
 * “About”. The page is built last.
 */
export function licenses(): Plugin {
  let root = ''
  return {
    name: 'runboard:licenses',
    configResolved(config) {
      // That of the page is the project's folder `renderer`.
      root = join(config.root, '..')
    },
    closeBundle() {
      const [main, page] = ['main', 'renderer'].map((name) => join(root, 'out', name, 'licenses.json')) as [
        string,
        string,
      ]
      const native = asItIs(join(root, 'node_modules/better-sqlite3'))
      const all = [...readList(main), ...readList(page), native]
      const once = new Map(all.map((entry) => [`${entry.name} ${entry.version}`, entry]))
      const sorted = [...once.values()].sort((a, b) => a.name.localeCompare(b.name))
      writeFileSync(page, JSON.stringify(sorted))
      rmSync(main)
    },
  }
}
