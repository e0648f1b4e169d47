import { contextBridge, ipcRenderer } from 'electron'

const FACTS_WORD = '--runboard-shell='
const facts: object = JSON.parse(
  process.argv.find((word) => word.startsWith(FACTS_WORD))?.slice(FACTS_WORD.length) ?? '{}',
) as object

// Identifies the shell to the page, and lets the page ask the user for a path with the system's own dialog.
// All other communication uses the port below.
contextBridge.exposeInMainWorld('runboardShell', {
  ...facts,
  pickPath: (request: unknown): Promise<unknown> => ipcRenderer.invoke('pick-path', request),
})

// The main process sends one end of a channel at each load; the page receives it here.
ipcRenderer.on('port', (event) => {
  window.postMessage('runboard:port', window.location.origin, event.ports)
})

// A menu action that only the page can run.
ipcRenderer.on('action', (_event, id: string) => {
  window.postMessage(`runboard:action ${id}`, window.location.origin)
})
