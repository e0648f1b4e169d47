import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { readFile } from 'node:fs/promises'
import { Refusal } from './refusal.ts'

/** If the browser has not asked by then, it did not open. In milliseconds. */
const LIFETIME_MS = 2 * 60_000

/** The header in which the page sends a code. Another site's page cannot send it without a preflight request. */
export const CODE_HEADER = 'x-runboard-code'

/**
 * Codes that a page exchanges for the token, each once. A code may be on a command line, which every user of the
 * machine can read, so it expires soon and works only for a process of the user who runs the server.
 */
export class OpenCodes {
  readonly #expiry = new Map<string, number>()
  readonly #now: () => number
  readonly #isOwnPeer: (request: IncomingMessage) => Promise<boolean>

  constructor(now: () => number = Date.now, isOwnPeer = isOfThisUser) {
    this.#now = now
    this.#isOwnPeer = isOwnPeer
  }

  issue(): string {
    const code = randomBytes(24).toString('base64url')
    this.#expiry.set(code, this.#now() + LIFETIME_MS)
    return code
  }

  /**
   * Uses up the code of a request.
   *
   * @throws Refusal 401 when it was never issued, was used, has expired, or comes from another user's process
   */
  async redeem(request: IncomingMessage): Promise<void> {
    const code = request.headers[CODE_HEADER]
    const expires = typeof code === 'string' ? this.#expiry.get(code) : undefined
    // Checked before the code is used up: another user must not be able to spend it.
    if (typeof code === 'string' && expires !== undefined && (await this.#isOwnPeer(request))) {
      if (this.#expiry.delete(code) && expires > this.#now()) return
    }
    throw new Refusal(
      401,
      'UNAUTHORIZED',
      'This code is not valid (any more): open the address that `runboard serve` printed.',
    )
  }
}

/** The tables in which Linux lists the sockets of this network namespace. */
const SOCKET_TABLES = ['/proc/net/tcp', '/proc/net/tcp6']

/** @returns whether the system can tell whose process is at the other end of a connection */
export async function knowsPeers(): Promise<boolean> {
  return process.getuid !== undefined && (await readSockets()) !== ''
}

async function readSockets(): Promise<string> {
  const tables = await Promise.all(SOCKET_TABLES.map((path) => readFile(path, 'utf8').catch(() => '')))
  return tables.join('\n')
}

/** Compares users by the one that Linux lists for the socket at the other end. */
async function isOfThisUser({ socket }: IncomingMessage): Promise<boolean> {
  const { remotePort, localPort } = socket
  if (remotePort === undefined || localPort === undefined || process.getuid === undefined) return false
  return peerUid(await readSockets(), remotePort, localPort) === process.getuid()
}

/**
 * Format: proc(5), /proc/net/tcp: `sl local_address rem_address st … uid …`, addresses as hexadecimal `IP:PORT`.
 *
 * @param peerPort the port of the other end
 * @param ownPort the port of the server
 * @returns the user id of the socket at the other end, null when it is not listed
 */
export function peerUid(sockets: string, peerPort: number, ownPort: number): number | null {
  const [from, to] = [hexPort(peerPort), hexPort(ownPort)]
  for (const line of sockets.split('\n')) {
    const [, local = '', remote = '', , , , , uid] = line.trim().split(/ +/)
    if (local.endsWith(from) && remote.endsWith(to) && isLoopback(local)) return Number(uid)
  }
  return null
}

function hexPort(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`
}

/**
 * 127.0.0.1, as IPv4 or mapped into IPv6, as the kernel prints it: each group of four bytes in the machine's byte
 * order.
 */
function isLoopback(address: string): boolean {
  return /^(0{16}FFFF0000)?0100007F:/.test(address)
}
