import { toasts } from './toasts.svelte.ts'

/** Puts a text on the clipboard, and says so. */
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
  // The download has its own hold on the data from the next turn on.
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
