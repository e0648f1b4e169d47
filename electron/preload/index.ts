import { contextBridge, ipcRenderer } from 'electron'

const FACTS_WORD = '--runboard-shell='
const facts: unknown = JSON.parse(
  process.argv.find((word) => word.startsWith(FACTS_WORD))?.slice(FACTS_WORD.length) ?? '{}',
)

// Tells the page that it runs in the shell, and in which. All that it can do there goes over the port below.
contextBridge.exposeInMainWorld('runboardShell', facts)

// The main process hands over one end of a channel at each load; the page takes it from here.
ipcRenderer.on('port', (event) => {
  window.postMessage('runboard:port', window.location.origin, event.ports)
})

// An action of the menu that only the page can do.
ipcRenderer.on('action', (_event, id: string) => {
  window.postMessage(`runboard:action ${id}`, window.location.origin)
})
