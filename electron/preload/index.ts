import { contextBridge, ipcRenderer } from 'electron'

const VERSION_WORD = '--runboard-version='
const version = process.argv.find((word) => word.startsWith(VERSION_WORD))?.slice(VERSION_WORD.length) ?? ''

// Tells the page that it runs in the shell. All that it can do there goes over the port below.
contextBridge.exposeInMainWorld('runboardShell', { platform: process.platform, version })

// The main process hands over one end of a channel at each load; the page takes it from here.
ipcRenderer.on('port', (event) => {
  window.postMessage('runboard:port', window.location.origin, event.ports)
})
