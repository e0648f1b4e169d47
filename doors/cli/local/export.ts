import { checkInput } from '../input.ts'
import { type Call, show } from '../call.ts'

/** `export`: prints the document, with or without `--json`, since it is JSON. With a file it prints what it wrote. */
export async function exportBoard(call: Call): Promise<number> {
  const { session, given, typed } = call
  const operation = typed.verb.operation
  if (operation === undefined) throw new Error('The contract has no operation that exports.')
  checkInput(typed, operation.spec, given.input)
  const kernel = await session.kernel()
  const answer = (await kernel.callByName(operation.name, given.input, await session.caller())) as object
  if ('lines' in answer) {
    for (const line of answer.lines as string[]) {
      if (session.signal.aborted) break
      await session.out(`${line}\n`)
    }
  } else if ('path' in answer) await show(call, operation.view, answer)
  else await session.outJson(answer)
  return 0
}
