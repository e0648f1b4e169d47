import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path/posix'
import { describe, expect, it } from 'vitest'

const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { encoding: 'utf8' })
const files = listed.split('\0').filter((path) => path !== '' && existsSync(path))
const pages = files.filter((path) => path.endsWith('.md'))
const textOf = (path: string): string => readFileSync(path, 'utf8')

/** Brackets in code are not links. */
function withoutCode(text: string): string {
  return text.replace(/^(```+)[^]*?^\1.*$/gm, '').replace(/(`+)[^`][^]*?\1/g, '')
}

/** @returns the targets of the links and pictures of a page, as written */
function linksIn(text: string): string[] {
  const inline = withoutCode(text).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)
  const named = withoutCode(text).matchAll(/^\s*\[[^\]]+\]:\s+(\S+)/gm)
  const html = withoutCode(text).matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)
  return [...inline, ...named, ...html].flatMap(([, target]) => target ?? [])
}

/** @returns the anchors of a page's headings, by GitHub's rules */
function anchorsIn(text: string): string[] {
  const taken = new Map<string, number>()
  const headings = text.replace(/^(```+)[^]*?^\1.*$/gm, '').matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)
  return [...headings].map(([, heading = '']) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = words.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-')
    const before = taken.get(anchor) ?? 0
    taken.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
}

/** @returns why a link is broken; null when its target exists or is outside of the project */
function broken(page: string, link: string): string | null {
  if (/^[a-z][a-z\d+.-]*:/i.test(link)) return null
  const [path = '', anchor] = decodeURIComponent(link).split('#')
  const target = path === '' ? page : join(dirname(page), path)
  const isFolder = files.some((file) => file.startsWith(`${target.replace(/\/$/, '')}/`))
  if (!files.includes(target) && !isFolder) return `${page}: ${link} (no such file)`
  if (anchor === undefined || !target.endsWith('.md')) return null
  return anchorsIn(textOf(target)).includes(anchor) ? null : `${page}: ${link} (no such heading)`
}

describe('Markdown', () => {
  it('finds links, but not in code', () => {
    const text =
      '[a](a.md#b "title") ![c](d/e.webp)\n[f]: g.md\n<img src="h.webp">\n`[no](no.md)`\n```\n[no](no.md)\n```\n'
    expect(linksIn(text)).toEqual(['a.md#b', 'd/e.webp', 'g.md', 'h.webp'])
  })

  it('derives anchors as GitHub does', () => {
    const text =
      '# What’s new, in `b.ts`?\n## Twice\n## Twice\n```sh\n# no heading\n```\n### [A link](a.md) & more\n'
    expect(anchorsIn(text)).toEqual(['whats-new-in-bts', 'twice', 'twice-1', 'a-link--more'])
  })

  it('links to files and headings that exist', () => {
    expect(
      pages.flatMap((page) => linksIn(textOf(page)).flatMap((link) => broken(page, link) ?? [])),
    ).toEqual([])
  })

  it('names a broken link', () => {
    expect(broken('README.md', 'docs/nowhere.md')).toBe('README.md: docs/nowhere.md (no such file)')
    expect(broken('README.md', 'docs/guide.md#nowhere')).toMatch(/no such heading/)
    expect(broken('README.md', 'docs/guide.md#the-board')).toBeNull()
    expect(broken('docs/guide.md', 'https://example.com/#a')).toBeNull()
  })

  it('lists every page of docs/ in README, and every decision in their index', () => {
    const linked = (page: string) =>
      linksIn(textOf(page)).map((link) => join(dirname(page), link.split('#')[0] ?? ''))
    const documents = pages.filter((page) => /^docs\/[^/]+\.md$/.test(page))
    const decisions = pages.filter((page) => /^docs\/decisions\/(?!README)/.test(page))

    expect(documents.filter((page) => !linked('README.md').includes(page))).toEqual([])
    expect(decisions.filter((page) => !linked('docs/decisions/README.md').includes(page))).toEqual([])
  })

  it('shows every committed picture', () => {
    const pictures = files.filter((path) => path.startsWith('docs/screens/'))
    const shown = pages.flatMap((page) => linksIn(textOf(page)).map((link) => basename(link)))

    expect(pictures.filter((path) => !shown.includes(basename(path)))).toEqual([])
    expect(pictures.filter((path) => !path.endsWith('.webp'))).toEqual([])
  })
})
