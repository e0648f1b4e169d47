import type { BoardEvent, TaskDetail } from '../../../contract/index.ts'
import type { Call } from '../call.ts'
import { createPrinter } from '../views/printer.ts'
import { printView } from '../views/index.ts'
import { operationWithView } from './find.ts'

/** How many earlier events are shown first, as `tail -f` does. */
const EARLIER = 10

/** `tail`: the last events of a task, then each new one. */
export async function tail({ session, given }: Call): Promise<number> {
  const detail = operationWithView('detail')
  const stream = operationWithView('events')
  const kernel = await session.kernel()
  const caller = await session.caller()
  const { task, events } = (await kernel.callByName(detail.name, given.input, caller)) as TaskDetail
  const printer = createPrinter(session)
  const print = (event: BoardEvent) =>
    session.json ? session.outJson(event) : session.out(printView(stream.view, event, printer))
  for (const event of events.slice(-EARLIER)) await print(event)
  const input = { task_id: task.id, since: events[events.length - 1]?.id ?? 0 }
  for await (const event of kernel.streamByName(stream.name, input, caller, session.signal)) {
    if (session.signal.aborted) break
    await print(event as BoardEvent)
  }
  return 0
}
