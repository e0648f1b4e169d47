/** Files that a person drops, pastes or picks. */

export interface NamedFile {
  name: string
  /** The bytes, as base64. */
  content: string
}

/** @returns the files with their content, as an operation takes them */
export async function readFiles(files: Iterable<File>): Promise<NamedFile[]> {
  return Promise.all([...files].map(async (file) => ({ name: file.name, content: await base64Of(file) })))
}

function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => {
      const url = reader.result as string
      // An empty file gives a data URL without a comma.
      resolve(url.includes(',') ? url.slice(url.indexOf(',') + 1) : '')
    }
    reader.onerror = () => reject(reader.error ?? new Error('The file could not be read'))
    reader.readAsDataURL(file)
  })
}

/** @returns the files of a paste or a drop; none if it has text, because office programs add a picture of copied text */
export function filesOf(transfer: DataTransfer | null): File[] {
  if (transfer === null || transfer.types.includes('text/plain')) return []
  return [...transfer.files]
}
