// `npm run page`: only the page, in a browser, on a board of 300 cards in memory. No kernel, no Electron, no build;
// changes in renderer/ show at once.
import { createServer, type InlineConfig } from 'vite'
import config from '../electron.vite.config.ts'

const { renderer } = config as { renderer: InlineConfig }
const server = await createServer({ ...renderer, configFile: false })
await server.listen()
const [address] = server.resolvedUrls?.local ?? []
console.log(`${address ?? ''}?fake=300`)
