import { contextBridge } from 'electron'

contextBridge.exposeInMainWorld('runboard', {})
