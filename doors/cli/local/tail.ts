import type { BoardEvent } from '../../../contract/index.ts'
import type { Call } from '../call.ts'
import { createPrinter } from '../views/printer.ts'
import { printView } from '../views/index.ts'

/** How many earlier events are shown first, as `tail -f` does. */
const EARLIER = 10

/** `tail`: the last events of a task, then each new one. */
export async function tail({ session, given }: Call): Promise<number> {
  const kernel = await session.kernel()
  const caller = await session.caller()
  const { task, events } = await kernel.call('task.show', given.input as { id: string }, caller)
  const printer = createPrinter(session)
  const print = (event: BoardEvent) =>
    session.json ? session.outJson(event) : session.out(printView('events', event, printer))
  for (const event of events.slice(-EARLIER)) await print(event)
  const input = { task_id: task.id, since: events[events.length - 1]?.id ?? 0 }
  for await (const event of kernel.stream('event.watch', input, caller, session.signal)) {
    if (session.signal.aborted) break
    await print(event)
  }
  return 0
}
