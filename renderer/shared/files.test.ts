import { expect, it } from 'vitest'
import { filesOf } from './files.ts'

const transfer = (types: string[], files: unknown[]) => ({ types, files }) as unknown as DataTransfer

it.each([
  ['a picture without text is a file', ['Files'], 1],
  ['text with a picture of the text has no files', ['text/plain', 'text/html', 'Files'], 0],
] as const)('%s', (_name, types, count) => {
  expect(filesOf(transfer([...types], [{ name: 'image.png' }]))).toHaveLength(count)
})

it('an empty paste has no files', () => {
  expect(filesOf(null)).toEqual([])
})
