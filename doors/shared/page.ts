import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * What the page may load and do: its own files, and nothing from elsewhere. The hash allows one inline style, exactly
 * `display: contents;`, which the list components of bits-ui 2 have in their templates.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-hashes' 'sha256-iaOezIDcQIoxCULa6FBKKuLUu09R7kG+Mlu+JVfU3Rw='",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Sent with every answer of a door that serves a page. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** A file of the page, with its headers. */
export interface PageFile {
  content: Buffer
  headers: Record<string, string>
}

/** Error codes that mean that the file does not exist. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'])

function decoded(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname)
  } catch {
    // Not percent-encoded UTF-8, so not the name of a file.
    return null
  }
}

/** @returns the absolute path of the file, or null for a name that leads out of the folder */
function pathOf(folder: string, pathname: string): string | null {
  const name = decoded(pathname)
  if (name === null || name.includes('\0') || name.includes('\\')) return null
  const path = resolve(folder, `.${name.startsWith('/') ? '' : '/'}${name}`)
  if (extname(path) === '') return join(folder, 'index.html')
  return path.startsWith(folder + sep) ? path : null
}

/**
 * @param folder absolute path of the built page
 * @param pathname of the URL, still percent-encoded; one without an extension is a place inside the page: index.html
 * @returns the file, or null if it does not exist
 */
export async function readPageFile(folder: string, pathname: string): Promise<PageFile | null> {
  const path = pathOf(folder, pathname)
  if (path === null) return null
  try {
    const content = await readFile(path)
    // Names of built files contain a hash of their content; the page itself must be revalidated.
    const isHashed = path.startsWith(join(folder, 'assets') + sep)
    return {
      content,
      headers: {
        'content-type': TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
        'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    }
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

/**
 * The built page is beside the built code (out/main and out/renderer); for code that runs from its sources it is in the
 * project's out folder.
 *
 * @returns absolute path of the folder with index.html, or null when it is not built
 */
export function findPageFolder(): string | null {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (let depth = 0; depth < 4; depth++) {
    for (const candidate of [join(folder, 'renderer'), join(folder, 'out', 'renderer')]) {
      // The sources of the page are in a folder with that name too; only the built one has an assets folder.
      if (existsSync(join(candidate, 'index.html')) && existsSync(join(candidate, 'assets'))) return candidate
    }
    folder = dirname(folder)
  }
  return null
}
