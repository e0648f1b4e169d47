import { MessageChannelMain, type WebContents } from 'electron'
import { type ServedPort, serveKernelOverPort } from '../../doors/ipc/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'

/**
 * Gives a window's page its port to the kernel, a new one at each load; the old one is closed with all its calls. A
 * page can send this process one other message, which asks the user for a path (pick-path.ts).
 *
 * @param page the start of the page's address: anything else that is shown gets no port
 */
export function connectPage(contents: WebContents, page: string, kernel: Kernel, caller: Caller): void {
  let served: ServedPort | undefined
  const disconnect = () => {
    served?.close()
    served = undefined
  }
  contents.on('dom-ready', () => {
    disconnect()
    if (!contents.getURL().startsWith(page)) return
    const { port1, port2 } = new MessageChannelMain()
    served = serveKernelOverPort(kernel, port1, caller)
    contents.postMessage('port', null, [port2])
  })
  contents.on('render-process-gone', disconnect)
  contents.on('destroyed', disconnect)
}
