import { marked } from 'marked'
import { mayBeParsed, mayBeShown } from '../../formats/markdown-limits.ts'

const renderer = new marked.Renderer()

/** Shows an image as a link: an address in a worker's text must not load anything remote. */
renderer.image = ({ href, text, title }) =>
  `<a href="${escaped(href)}">${escaped(`[image: ${text || title || href}]`)}</a>`

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/**
 * Needs no DOM, so that it can run in a worker thread.
 *
 * @returns HTML that is not sanitized yet, or null for a text to be shown as plain source
 */
export function parseMarkdown(text: string): string | null {
  if (!mayBeParsed(text)) return null
  try {
    const html = marked.parse(text, { async: false, gfm: true, breaks: true, renderer })
    return mayBeShown(html) ? html : null
  } catch {
    // Nested too deep for the parser's stack.
    return null
  }
}
