import { describe, expect, it } from 'vitest'
import { safeFileName } from './file-name.ts'

describe('a safe file name', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\ada\\shot.png', 'shot.png'],
    ['-rf', 'rf'],
    ['.bashrc', 'bashrc'],
    ['..', 'file'],
    ['', 'file'],
    ['a\u0000b\u202egnp.exe', 'abgnp.exe'],
    ['two\nlines  here.md', 'twolines here.md'],
    ['con.txt', '_con.txt'],
    ['what? <why>: "x|y*".txt', 'what_ _why__ _x_y__.txt'],
    ['übersicht 日本.md', 'übersicht 日本.md'],
  ])('of %j is %j', (given, expected) => {
    expect(safeFileName(given)).toBe(expected)
  })

  it('is short, and keeps its extension', () => {
    const name = safeFileName(`${'日'.repeat(5000)}.png`)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(100)
    expect(safeFileName(`${'日'.repeat(200)}.png`)).toMatch(/^日+\.png$/)
  })
})
