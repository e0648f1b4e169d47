import { expect, it } from 'vitest'
import { filesOf } from './files.ts'

const transfer = (types: string[], files: unknown[]) => ({ types, files }) as unknown as DataTransfer

it.each([
  ['a picture alone is a file', ['Files'], 1],
  ['text with a picture of it is text', ['text/plain', 'text/html', 'Files'], 0],
] as const)('%s', (_name, types, count) => {
  expect(filesOf(transfer([...types], [{ name: 'image.png' }]))).toHaveLength(count)
})

it('nothing was pasted', () => {
  expect(filesOf(null)).toEqual([])
})
