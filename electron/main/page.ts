import { protocol } from 'electron'
import { findPageFolder, PAGE_HEADERS, readPageFile } from '../../doors/ipc/index.ts'

const SCHEME = 'runboard-app'
const HOST = 'app'

/** Where the page is: its own scheme, or the server of `electron-vite dev`, which a packaged app never has. */
export function pageUrl(isPackaged: boolean): string {
  const devServer = process.env['ELECTRON_RENDERER_URL']
  return devServer !== undefined && !isPackaged ? `${devServer}/` : `${SCHEME}://${HOST}/`
}

/** Must be called before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

function notFound(): Response {
  return new Response('There is no such file.', { status: 404, headers: { ...PAGE_HEADERS } })
}

/**
 * Serves the built page, and nothing else, under its own scheme.
 *
 * @throws Error where the page is not built
 */
export function servePage(): void {
  const folder = findPageFolder()
  if (folder === null) throw new Error('The screens are not built: run `npm run build`.')
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url)
    if (url.host !== HOST || request.method !== 'GET') return notFound()
    const file = await readPageFile(folder, url.pathname)
    if (file === null) return notFound()
    return new Response(file.content, { headers: { ...PAGE_HEADERS, ...file.headers } })
  })
}
