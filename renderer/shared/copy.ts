import { toasts } from './toasts.svelte.ts'

/** Copies a text to the clipboard, and confirms it. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toasts.show(done)
  } catch (cause) {
    toasts.fail(cause, 'It could not be copied')
  }
}

/** Offers a text as a file to save. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download holds its own reference to the data from the next tick.
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
