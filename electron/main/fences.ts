import { app, session, shell, type WebContents } from 'electron'
import { e2e } from './e2e-hooks.ts'

/** Links that are passed to the system. All others are blocked. */
const OUTSIDE_SCHEMES = ['http:', 'https:', 'mailto:']

/** The page needs no permission of the system except to copy text. */
const ALLOWED_PERMISSIONS: readonly string[] = ['clipboard-sanitized-write']

function openOutside(url: string): void {
  if (!OUTSIDE_SCHEMES.some((scheme) => url.toLowerCase().startsWith(scheme))) return
  if (e2e !== null) e2e.openedOutside.push(url)
  else void shell.openExternal(url)
}

function withoutFragment(url: string): string {
  return url.split('#', 1)[0] ?? url
}

function fence(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url)
    return { action: 'deny' }
  })
  const stay = (event: { preventDefault: () => void }, url: string) => {
    // Loading the same page again does not leave it.
    if (withoutFragment(url) === withoutFragment(contents.getURL())) return
    event.preventDefault()
    openOutside(url)
  }
  contents.on('will-navigate', (event) => {
    stay(event, event.url)
  })
  contents.on('will-redirect', (event) => {
    stay(event, event.url)
  })
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
}

/** Keeps every window on its own page, without permissions. Call it once the app is ready. */
export function raiseFences(): void {
  app.on('web-contents-created', (_event, contents) => {
    fence(contents)
  })
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) => {
    answer(ALLOWED_PERMISSIONS.includes(permission))
  })
  session.defaultSession.setPermissionCheckHandler((_contents, permission) =>
    ALLOWED_PERMISSIONS.includes(permission),
  )
  session.defaultSession.setDevicePermissionHandler(() => false)
}
