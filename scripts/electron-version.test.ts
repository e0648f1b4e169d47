import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Package {
  version: string
  devDependencies: Record<string, string>
}

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const pinned = (JSON.parse(read('package.json')) as Package).devDependencies['electron'] ?? ''

// A test cannot know the newest version of Electron; it ensures that an update changes one line.
it('the app ships on the one version of Electron that package.json names, and on nothing else', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Package> }

  expect(pinned).toMatch(/^\d+\.\d+\.\d+$/)
  expect(lock.packages['node_modules/electron']?.version).toBe(pinned)
  expect(lock.packages['']?.devDependencies['electron']).toBe(pinned)
  for (const config of ['electron-builder.yml', 'electron.vite.config.ts', 'scripts/package.ts']) {
    expect(read(config)).not.toMatch(/electronVersion|electronDist/)
  }
})

it('the shipped code is built for Electron 25, so that a newer one needs no other code', () => {
  const [, node, chromium] =
    /NODE_FLOOR = '(.+)'[^]*CHROMIUM_FLOOR = '(.+)'/.exec(read('electron.vite.config.ts')) ?? []

  expect({ node, chromium }).toEqual({ node: 'node18.15', chromium: 'chrome114' })
  expect(read('eslint.config.js')).toContain("node: { version: '>=18.15.0' }")
  expect(Number(pinned.split('.')[0])).toBeGreaterThanOrEqual(25)
})
