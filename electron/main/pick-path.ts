import {
  BrowserWindow,
  dialog,
  type IpcMainInvokeEvent,
  type OpenDialogOptions,
  type WebContents,
} from 'electron'
import { e2e } from './e2e-hooks.ts'

/** What a page may ask for: the path of a folder, of a file, or one to write a file to. */
interface PickRequest {
  kind: 'folder' | 'file' | 'save'
  title: string
  /** Where the dialog starts; null lets the system choose. */
  start: string | null
}

const MOST_LETTERS = 4096

/**
 * Lets a page ask the user for a path with the system's own dialog. The page learns the path and nothing else: no file
 * is read or written. It is the only message that the main process answers, and only to the app's own page.
 *
 * @param page the start of the page's address
 */
export function letPagePickPaths(contents: WebContents, page: string): void {
  contents.ipc.handle('pick-path', (event: IpcMainInvokeEvent, request: unknown) => {
    if (event.senderFrame !== contents.mainFrame || !contents.getURL().startsWith(page))
      throw new Error('Only the page of the app may ask for a path.')
    if (!isPickRequest(request)) throw new Error('This is not a request for a path.')
    return pick(contents, request)
  })
}

function isPickRequest(value: unknown): value is PickRequest {
  if (typeof value !== 'object' || value === null) return false
  const { kind, title, start } = value as Partial<Record<keyof PickRequest, unknown>>
  const isText = (text: unknown) => typeof text === 'string' && text.length <= MOST_LETTERS
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
    // An existing file is asked about by the dialog itself.
    const { filePath, canceled } = await dialog.showSaveDialog(window, common)
    return canceled || !filePath ? null : filePath
  }
  const properties: OpenDialogOptions['properties'] =
    kind === 'file' ? ['openFile', 'showHiddenFiles'] : ['openDirectory', 'createDirectory']
  const { filePaths } = await dialog.showOpenDialog(window, { ...common, properties })
  return filePaths[0] ?? null
}
