import { MessageChannelMain } from 'electron'
import type { WebContents } from 'electron'
import { serveKernelOverPort } from '../../doors/ipc/index.ts'
import type { ServedPort } from '../../doors/ipc/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'

/**
 * Gives the page of a window its port to the kernel, a new one each time it is loaded; the old one is closed with all
 * that runs over it. There is no other way from a page to this process: it listens to no messages.
 *
 * @param page what the page's address starts with: whatever else is shown gets no port
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
