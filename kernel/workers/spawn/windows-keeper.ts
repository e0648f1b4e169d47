// The keeper of a worker on Windows: a program of its own that outlives its starter, as the shell of
// process/keeper.ts does on POSIX systems. Its standard input and outputs are those of the worker. It reads an order
// (windows-keeper-call.ts) from descriptor 3, creates the worker without letting it run, in a job, prints its pid on
// descriptor 4 and waits for the line `go`. It waits for the worker, prints its status and writes it to the exit file.
import { closeSync, existsSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import {
  creationTime,
  type Handle,
  INFINITE,
  jobName,
  windowsCalls,
} from '../process/systems/windows-calls.ts'
import type { KeeperOrder } from './windows-keeper-call.ts'

const ORDERS = 3
const ANSWERS = 4

/** The status of a worker that was never started, as of the shell that waits for `go` on POSIX systems. */
const NOT_STARTED = 125

interface Created {
  pid: number
  process: Handle
  thread: Handle
}

/** STARTUPINFOW and PROCESS_INFORMATION. */
const STARTUP = { size: 104, flags: 60, input: 80, output: 88, error: 96 } as const
const INFORMATION = { size: 24, thread: 8, pid: 16 } as const
const STARTF_USESTDHANDLES = 0x100
const HANDLE_FLAG_INHERIT = 0x1
const CREATE_SUSPENDED = 0x4
const CREATE_UNICODE_ENVIRONMENT = 0x400
/** It gets a console that nobody sees, so that the programs that it starts open no window. */
const CREATE_NO_WINDOW = 0x08000000

/** Our own standard handles, which the worker inherits. They are the only ones that it does: libuv resets the others. */
function startupInfo(): Buffer {
  const { GetStdHandle, SetHandleInformation } = windowsCalls()
  const startup = Buffer.alloc(STARTUP.size)
  startup.writeUInt32LE(STARTUP.size)
  startup.writeUInt32LE(STARTF_USESTDHANDLES, STARTUP.flags)
  const places = [STARTUP.input, STARTUP.output, STARTUP.error]
  for (const [index, at] of places.entries()) {
    // STD_INPUT_HANDLE is -10, the outputs follow below.
    const handle = GetStdHandle(2 ** 32 - 10 - index)
    SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT)
    startup.writeBigInt64LE(BigInt(handle), at)
  }
  return startup
}

const wide = (text: string) => Buffer.from(text, 'utf16le')

/** Sorted without regard to case, as CreateProcess expects it. */
function environmentBlock(env: Readonly<Record<string, string>>): Buffer {
  const upper = (name: string) => name.toUpperCase()
  const names = Object.keys(env).sort((a, b) => (upper(a) < upper(b) ? -1 : 1))
  return wide(`${names.map((name) => `${name}=${env[name] ?? ''}\0`).join('')}\0\0`)
}

/** @returns the process, suspended before its first instruction, or the number of the error */
function create({ program, command_line, folder, env }: KeeperOrder): Created | number {
  const { CreateProcessW, GetLastError } = windowsCalls()
  const line = wide(`${command_line}\0`)
  const flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | CREATE_NO_WINDOW
  const made = Buffer.alloc(INFORMATION.size)
  const block = environmentBlock(env)
  if (CreateProcessW(program, line, null, null, 1, flags, block, folder, startupInfo(), made) === 0)
    return GetLastError()
  return {
    process: made.readBigInt64LE(0),
    thread: made.readBigInt64LE(INFORMATION.thread),
    pid: made.readUInt32LE(INFORMATION.pid),
  }
}

/** From now on what the worker starts is in the job, too. Our handle keeps the name of the job for as long as we live. */
function putInJob({ process: worker }: Created): void {
  const { AssignProcessToJobObject, CreateJobObjectW } = windowsCalls()
  // GetCurrentProcess() is -1.
  const started = creationTime(-1)
  const job = CreateJobObjectW(null, jobName(process.pid, String(started)))
  AssignProcessToJobObject(job, worker)
}

/** Nobody may read the answers any more. */
function answer(text: string): void {
  try {
    writeSync(ANSWERS, `${text}\n`)
  } catch {
    // The starter has died. The exit file is for others.
  }
}

const TRY_AGAIN_MS = 1_000
/** For a day, as on POSIX systems: once the starter has died the status exists nowhere else. */
const TRIES = 86_400

async function writeExit(path: string, text: string): Promise<void> {
  for (let tries = 0; tries < TRIES && existsSync(dirname(path)); tries++) {
    try {
      rmSync(`${path}.tmp`, { recursive: true, force: true })
      writeFileSync(`${path}.tmp`, `${text}\n`, { flag: 'wx', mode: 0o600 })
      renameSync(`${path}.tmp`, path)
      return
    } catch {
      // A full disk, or a program that reads every new file.
      await delay(TRY_AGAIN_MS)
    }
  }
}

function statusOf({ process: worker }: Created): number {
  const status = Buffer.alloc(4)
  windowsCalls().GetExitCodeProcess(worker, status)
  return status.readUInt32LE()
}

/** Waits in a thread, so that the starter's orders are read meanwhile. */
function endOf({ process: worker }: Created): Promise<'ended'> {
  const { WaitForSingleObject } = windowsCalls()
  return new Promise((resolve) => {
    WaitForSingleObject.async(worker, INFINITE, () => resolve('ended'))
  })
}

async function keep(): Promise<void> {
  const socket = new Socket({ fd: ORDERS, readable: true, writable: false })
  // A starter that dies breaks the pipe: the lines then end.
  socket.on('error', () => socket.destroy())
  const orders = createInterface({ input: socket })[Symbol.asyncIterator]()
  const nextOrder = async () => (await orders.next()).value

  const first = await nextOrder()
  if (first === undefined) return
  const order = JSON.parse(first) as KeeperOrder
  const worker = create(order)
  if (typeof worker === 'number') return answer(`error ${worker}`)
  putInJob(worker)
  answer(String(worker.pid))

  const ended = endOf(worker)
  const go = await Promise.race([nextOrder(), ended])
  socket.destroy()
  const { ResumeThread, TerminateProcess } = windowsCalls()
  if (go === 'go') ResumeThread(worker.thread)
  else if (go !== 'ended') TerminateProcess(worker.process, NOT_STARTED)
  // Only the worker may hold its log and its stdin, so that its end closes them.
  for (const own of [0, 1, 2]) closeSync(own)
  await ended
  const status = statusOf(worker)
  answer(String(status))
  await writeExit(order.exit_path, go === 'go' || go === 'ended' ? String(status) : 'never_started')
}

void keep()
