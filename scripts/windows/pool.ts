import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { PoolRunnerInitializer, PoolWorker, WorkerRequest } from 'vitest/node'
import { readMessages, writeMessage } from './messages.ts'
import { windowsPath } from './windows-path.ts'

/**
 * A worker of Vitest in a Node for Windows. Vitest itself, which loads binaries that Wine's Windows is too old for,
 * stays on this machine's system and sends the worker its modules. They talk over TCP: a Node on Wine cannot use a pipe
 * of Linux.
 */
class WindowsWorker implements PoolWorker {
  readonly name = 'windows'
  readonly cacheFs = false
  readonly #node: string
  readonly #events = new EventEmitter()
  #server: Server | undefined
  #socket: Socket | undefined
  #child: ChildProcess | undefined

  constructor(node: string) {
    this.#node = node
  }

  async start(): Promise<void> {
    this.#server = createServer().listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as { port: number }
    const argv = ['--no-warnings', windowsPath('scripts/windows/worker.ts'), String(port)]
    this.#child = spawn(this.#node, argv, { stdio: ['ignore', 'inherit', 'inherit'] })
    const gone = once(this.#child, 'exit').then(([code]) => {
      const error = new Error(`the Node for Windows ended with ${String(code)}`)
      this.#events.emit('error', error)
      this.#events.emit('exit', code)
      throw error
    })
    // It ends at last; only an end before the connection is an error here.
    gone.catch(() => undefined)
    const [socket] = (await Promise.race([once(this.#server, 'connection'), gone])) as [Socket]
    this.#socket = socket
    readMessages(socket, (message) => this.#events.emit('message', message))
  }

  async stop(): Promise<void> {
    const isRunning = this.#child !== undefined && this.#child.exitCode === null
    this.#events.removeAllListeners()
    this.#events.on('error', () => undefined)
    this.#socket?.destroy()
    this.#server?.close()
    if (isRunning && this.#child !== undefined) await once(this.#child, 'exit')
  }

  send(message: WorkerRequest): void {
    if (this.#socket !== undefined) writeMessage(this.#socket, message)
  }

  on(event: string, callback: (...args: unknown[]) => void): void {
    this.#events.on(event, callback)
  }

  off(event: string, callback: (...args: unknown[]) => void): void {
    this.#events.off(event, callback)
  }

  deserialize(data: unknown): unknown {
    return data
  }
}

/** @param node a program that takes the arguments of Node and runs it for Windows */
export function windowsPool(node: string): PoolRunnerInitializer {
  return { name: 'windows', createPoolWorker: () => new WindowsWorker(node) }
}
