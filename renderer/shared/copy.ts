import { toasts } from './toasts.svelte.ts'

/** Copies a text to the clipboard, and confirms it. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toasts.show(done)
  } catch (error) {
    toasts.fail(error, 'It could not be copied')
  }
}

/** Offers a text as a file to save. */
export function saveFile(name: string, text: string): void {
  save(name, new Blob([text], { type: 'application/json' }))
}

/** Like `saveFile`, for plain text. */
export function saveText(name: string, text: string): void {
  save(name, new Blob([text], { type: 'text/plain' }))
}

/** Offers bytes, given as base64, as a file to save; the browser does not open it. */
export function saveBytes(name: string, base64: string): void {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  save(name, new Blob([bytes], { type: 'application/octet-stream' }))
}

function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download holds its own reference to the data from the next tick.
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
