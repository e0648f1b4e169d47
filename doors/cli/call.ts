import { type ErrorBody, operationList } from '../../contract/index.ts'
import { checkInput, type Given } from './input.ts'
import type { ParsedCommand } from './program.ts'
import type { Session } from './session.ts'
import { usageError } from './usage.ts'
import type { Operation } from './verbs.ts'
import { createPrinter } from './views/printer.ts'
import { printView } from './views/index.ts'

/** One call of a verb: what was typed, its input, and where it goes. */
export interface Call {
  session: Session
  typed: ParsedCommand
  given: Given
}

/** @returns the operation that applies a verb to several tasks, by its address: this door knows no operation by name */
function bulkOperation() {
  return operationList.find(([, spec]) => spec.http?.path === '/tasks/bulk')?.[0]
}

type BulkResult = { id: string } | ({ id: string } & ErrorBody)

/**
 * Calls the operation of a verb.
 *
 * @returns the exit code
 * @throws OperationError from the kernel, or INVALID_INPUT before anything is opened
 */
export async function callOperation(call: Call, operation: Operation): Promise<number> {
  const { typed, given, session } = call
  if (typed.verb.confirm && ![...typed.flags.keys()].some(({ flag }) => flag === '--yes')) {
    throw usageError(`${typed.verb.words.join(' ')}: this cannot be undone. Pass --yes to confirm.`)
  }
  const input = withBoardAsSlug(call, operation)
  const ids = given.ids
  for (const id of ids?.ids ?? [null]) {
    checkInput(typed, operation.spec, ids === null ? input : { ...input, [ids.field]: id })
  }
  if (operation.spec.kind === 'stream') return follow(session, operation, input)
  if (ids !== null) return callForEach(call, operation, ids.ids)
  const kernel = await session.kernel()
  const answer = await orAborted(session, kernel.callByName(operation.name, input, await session.caller()))
  await show(call, operation.view, answer)
  return foundWrong(answer) ? 1 : 0
}

/** Whether the answer itself reports a problem (`doctor`); the exit code then tells scripts. */
function foundWrong(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === false
}

/** An operation on the home that takes a board's slug gets it from `--board`: `--board x init` creates x. */
function withBoardAsSlug({ session, given }: Call, { spec }: Operation): Record<string, unknown> {
  const { input } = given
  const fits = spec.scope === 'app' && 'slug' in spec.input.shape && input['slug'] === undefined
  return fits && session.board !== undefined ? { ...input, slug: session.board } : input
}

/** A call that runs for long (`dispatch --wait`) ends early when the process is asked to end. */
export async function orAborted<T>({ signal }: Session, answer: Promise<T>): Promise<T> {
  if (signal.aborted) throw new Interrupted()
  let leave: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = () => {
      reject(new Interrupted())
    }
    signal.addEventListener('abort', leave)
  })
  try {
    return await Promise.race([answer, aborted])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

/** The process was asked to end during a call. */
export class Interrupted extends Error {}

async function callForEach(call: Call, operation: Operation, ids: readonly string[]): Promise<number> {
  const { session, given, typed } = call
  const bulk = bulkOperation()
  if (bulk === undefined) throw usageError(`${typed.verb.words.join(' ')} takes one id at a time.`)
  const kernel = await session.kernel()
  const input = { ids, verb: operation.spec.bulk, ...given.input }
  const answer = (await orAborted(session, kernel.callByName(bulk, input, await session.caller()))) as {
    results: BulkResult[]
  }
  const refused = answer.results.filter((result) => 'error' in result)
  if (session.json) await session.outJson(answer)
  else {
    for (const result of answer.results) {
      if ('error' in result) await session.note(`${result.id}: ${result.error.message}`)
      else await show(call, operation.view, result)
    }
    await noteWarnings(session, answer)
  }
  return refused.length > 0 ? 1 : 0
}

async function follow(session: Session, operation: Operation, input: unknown): Promise<number> {
  const kernel = await session.kernel()
  const printer = createPrinter(session)
  const items = kernel.streamByName(operation.name, input, await session.caller(), session.signal)
  for await (const item of items) {
    if (session.signal.aborted) break
    await (session.json ? session.outJson(item) : session.out(printView(operation.view, item, printer)))
  }
  return 0
}

/** With `--json`, warnings are part of the document. */
async function noteWarnings(session: Session, answer: unknown): Promise<void> {
  const warnings = (answer as { warnings?: unknown }).warnings
  if (!Array.isArray(warnings)) return
  for (const warning of warnings) await session.note(`Warning: ${String(warning)}`)
}

/** Prints an answer in the requested form. */
export async function show(call: Call, view: string, answer: unknown): Promise<void> {
  const { session, typed } = call
  if (session.json) return session.outJson(answer)
  // What prints nothing leaves standard output unmade.
  if (view !== 'quiet') {
    await session.out(printView(view, answer, { ...createPrinter(session), verb: typed.verb.words }))
  }
  await noteWarnings(session, answer)
}
