import { protocol } from 'electron'
import { findPageFolder, PAGE_HEADERS, readPageFile } from '../../doors/ipc/index.ts'

const SCHEME = 'runboard-app'
const HOST = 'app'

/** The server of `electron-vite dev`; never used by a packaged app. */
function devServer(isPackaged: boolean): string | undefined {
  return isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL']
}

/** The page's address: our own scheme, or the development server. */
export function pageUrl(isPackaged: boolean): string {
  return `${devServer(isPackaged) ?? `${SCHEME}://${HOST}`}/`
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
 * Serves the built page, and nothing else, under our own scheme. With a development server there is no built page.
 *
 * @throws Error when the page is not built
 */
export function servePage(isPackaged: boolean): void {
  if (devServer(isPackaged) !== undefined) return
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
