import { marked } from 'marked'
import { mayBeParsed, mayBeShown } from '../../formats/markdown-limits.ts'

const renderer = new marked.Renderer()

/** An image is shown as a link to it: nothing remote is loaded because a worker wrote its address. */
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
 * Needs no page, so that it can run in a thread of its own.
 *
 * @returns HTML that is not cleaned yet, or null for a text that is to be shown as it was written
 */
export function parseMarkdown(text: string): string | null {
  if (!mayBeParsed(text)) return null
  try {
    const html = marked.parse(text, { async: false, gfm: true, breaks: true, renderer })
    return mayBeShown(html) ? html : null
  } catch {
    // Deeper than the stack of the parser.
    return null
  }
}
