import { constants } from 'node:os'
import { asOperationError, exitCodeOf, OperationError, systemTrouble } from '../../contract/index.ts'
import { callOperation, Interrupted } from './call.ts'
import { readInput } from './input.ts'
import { type Io, unwritten, type UsedOutputs, watchOutputs, write } from './io.ts'
import { type ParsedCommand, readCommandLine } from './program.ts'
import { localWork } from './local/load.ts'
import { Session } from './session.ts'
import { sourceStack } from './source-stack.ts'
import { usageError, VerbMissing } from './usage.ts'
import { jsonText, visible } from './views/text.ts'
import { GLOBAL_FLAGS } from './verbs.ts'
import { VERSION } from './version.ts'

/** The exit code for a process that a signal ended: 130 for SIGINT, 143 for SIGTERM. */
function interruptedBy(reason: unknown): number {
  return 128 + (constants.signals[reason as NodeJS.Signals] ?? constants.signals.SIGINT)
}

/**
 * The whole command line, from arguments to exit code. It never ends the process and never throws.
 *
 * @param argv the arguments after `runboard`
 * @returns 0 done, 1 refused or failed, 2 wrong usage, 128 + the signal's number when interrupted
 */
export async function run(argv: readonly string[], given: Io): Promise<number> {
  const leaving = new AbortController()
  const leave = () => {
    leaving.abort()
  }
  const { io, used } = watchOutputs(given, leave)
  if (io.signal?.aborted === true) leave()
  io.signal?.addEventListener('abort', leave)
  const form = { json: wantsJson(argv) }
  try {
    const code = await runVerb(argv, io, leaving.signal, form)
    return await withOutput(code, form.json, io, used)
  } catch (error) {
    if (!(error instanceof Interrupted)) return await report(error, form.json, io)
    const code = io.signal?.aborted === true ? interruptedBy(io.signal.reason) : 0
    return await withOutput(code, form.json, io, used)
  } finally {
    io.signal?.removeEventListener('abort', leave)
  }
}

/** @returns the exit code, or 1 when part of the answer could not be written */
async function withOutput(code: number, json: boolean, io: Io, used: UsedOutputs): Promise<number> {
  const cause = unwritten(used.stdout)
  if (cause === undefined) return unwritten(used.stderr) === undefined ? code : Math.max(code, 1)
  const why = systemTrouble(cause) ?? 'it was closed'
  const sentence = `The output could not be written: ${why} (${cause.message}). The command may still have taken effect.`
  return report(new OperationError('INTERNAL', sentence, undefined, { cause }), json, io)
}

async function runVerb(
  argv: readonly string[],
  io: Io,
  signal: AbortSignal,
  form: { json: boolean },
): Promise<number> {
  const read = readCommandLine(argv, VERSION, () => io.stdout.columns ?? 100)
  if ('helpText' in read) {
    const document = read.version ? { version: VERSION } : { help: read.helpText }
    await write(io.stdout, form.json ? `${JSON.stringify(document)}\n` : read.helpText)
    return 0
  }
  const globals = globalsOf(read)
  form.json = globals.json
  const session = new Session(io, globals, signal)
  try {
    const call = { session, typed: read, given: await readInput(read, io) }
    const { local, operation } = read.verb
    if (local !== undefined) return await (await localWork[local.work]())(call)
    if (operation === undefined) throw usageError(`${read.verb.words.join(' ')} cannot be done.`)
    return await callOperation(call, operation)
  } finally {
    await session.close()
  }
}

function globalsOf(typed: ParsedCommand) {
  const given = new Map(GLOBAL_FLAGS.map((flag) => [flag.field, typed.flags.get(flag)]))
  return {
    board: given.get('board')?.at(-1),
    home: given.get('home')?.at(-1),
    json: given.get('json') !== undefined,
  }
}

/** For a command line that cannot be parsed: its error should still come in the requested form. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json')
}

async function report(cause: unknown, json: boolean, io: Io): Promise<number> {
  const error = asOperationError(cause)
  if (json) await write(io.stderr, `${jsonText(error.toBody())}\n`)
  else if (cause instanceof VerbMissing) await write(io.stderr, `${cause.help}\nrunboard: ${cause.message}\n`)
  else await write(io.stderr, `runboard: ${visible(error.message)}\n`)
  const debug = io.env['RUNBOARD_DEBUG']
  if (!(cause instanceof OperationError) && debug !== undefined && debug !== '') {
    await write(io.stderr, `${sourceStack((cause as Error).stack ?? String(cause))}\n`)
  }
  return exitCodeOf(error.code)
}
