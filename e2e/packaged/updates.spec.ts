import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { findPackage } from '../find-package.ts'
import { expect, test as base } from './fixtures.ts'

interface Feed {
  url: string
  asked: string[]
}

/** A feed with a version that is newer than any. */
const NEWER = `version: 9.9.9
path: runboard_9.9.9_amd64.deb
sha512: AAAA
files:
  - url: runboard_9.9.9_amd64.deb
    sha512: AAAA
    size: 1
releaseDate: '2030-01-01T00:00:00.000Z'
`

const deb = findPackage('deb')

const test = base.extend<{ feed: Feed }>({
  // Only an installed app checks for updates; the folder that it was packed from was never installed.
  folder: async ({ boards: _ }, use, info) => {
    const target = info.outputPath('installed')
    execFileSync('dpkg-deb', ['-x', deb ?? '', target])
    await use(join(target, 'opt/Runboard'))
  },

  feed: async ({ boards: _ }, use) => {
    const asked: string[] = []
    const server: Server = createServer((request, response) => {
      const path = (request.url ?? '').split('?', 1)[0] ?? ''
      asked.push(path)
      if (path.endsWith('.yml')) response.end(NEWER)
      else response.writeHead(404).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed/`, asked })
    server.close()
  },
})

test.skip(deb === null, 'no package has been made')

test('a feed is checked once it is set, and nothing is downloaded until the user agrees', async ({
  feed,
  home,
  launch,
}) => {
  const { page } = await launch()
  await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
  expect(feed.asked).toEqual([])
  await home.cli('settings', 'set', `update_feed=${feed.url}`)
  await expect.poll(() => feed.asked).toEqual(['/feed/latest-linux.yml'])
  // It is still running, and has requested nothing more.
  await home.create('After the answer')
  await expect(page.getByRole('article', { name: /After the answer/ })).toBeVisible()
  expect(feed.asked).toEqual(['/feed/latest-linux.yml'])
})
