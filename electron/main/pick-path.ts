import {
  BrowserWindow,
  dialog,
  type IpcMainInvokeEvent,
  type OpenDialogOptions,
  type WebContents,
} from 'electron'
import { e2e } from './e2e-hooks.ts'

/** A page may ask for an existing folder, an existing file, or a path to save a file to. */
interface PickRequest {
  kind: 'folder' | 'file' | 'save'
  title: string
  /** Where the dialog starts; null lets the system choose. */
  start: string | null
}

const MAX_LENGTH = 4096

/**
 * Lets a page ask the user for a path with the system's own dialog. The page learns the path and nothing else: no file
 * is read or written. The main process answers no other message, and answers only the app's own page.
 *
 * @param page the start of the page's address
 */
export function letPagePickPaths(contents: WebContents, page: string): void {
  contents.ipc.handle('pick-path', (event: IpcMainInvokeEvent, request: unknown) => {
    if (event.senderFrame !== contents.mainFrame || !contents.getURL().startsWith(page))
      throw new Error('Only the page of the app may ask for a path.')
    if (!isPickRequest(request)) throw new Error('The request must name a kind, a title and a start.')
    return pick(contents, request)
  })
}

function isPickRequest(value: unknown): value is PickRequest {
  if (typeof value !== 'object' || value === null) return false
  const { kind, title, start } = value as Partial<Record<keyof PickRequest, unknown>>
  const isText = (text: unknown) => typeof text === 'string' && text.length <= MAX_LENGTH
  return (
    (kind === 'folder' || kind === 'file' || kind === 'save') &&
    isText(title) &&
    (start === null || isText(start))
  )
}

/** @returns null if the user chose nothing */
async function pick(contents: WebContents, { kind, title, start }: PickRequest): Promise<string | null> {
  if (e2e !== null) return e2e.pick(kind, title)
  const window = BrowserWindow.fromWebContents(contents)
  if (window === null) return null
  const common = { title, ...(start !== null && { defaultPath: start }) }
  if (kind === 'save') {
    // The dialog itself asks before an existing file is replaced.
    const { filePath, canceled } = await dialog.showSaveDialog(window, common)
    return canceled || !filePath ? null : filePath
  }
  const properties: OpenDialogOptions['properties'] =
    kind === 'file' ? ['openFile', 'showHiddenFiles'] : ['openDirectory', 'createDirectory']
  const { filePaths } = await dialog.showOpenDialog(window, { ...common, properties })
  return filePaths[0] ?? null
}
