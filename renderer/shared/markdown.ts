import DOMPurify from 'dompurify'
import { marked } from 'marked'

/** Text of workers is text of strangers: what is left is structure, never a script, a style, a form or a remote load. */
const RULES = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'hr', 'strong', 'em', 'del', 's', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'input'],
    ...[
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'a',
      'table',
      'thead',
      'tbody',
      'tr',
      'th',
      'td',
      'kbd',
      'sup',
      'sub',
    ],
  ],
  ALLOWED_ATTR: ['href', 'title', 'type', 'checked', 'disabled', 'start', 'align'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
}

const purify = DOMPurify(window)

purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank')
    node.setAttribute('rel', 'noreferrer noopener')
  }
  // The only input that Markdown makes is the box of a task list.
  if (node.tagName === 'INPUT') {
    node.setAttribute('type', 'checkbox')
    node.setAttribute('disabled', '')
  }
})

const renderer = new marked.Renderer()
/** An image is shown as a link to it: nothing remote is loaded because a worker wrote its address. */
renderer.image = ({ href, text, title }) => {
  const link = document.createElement('a')
  link.setAttribute('href', href)
  link.textContent = `[image: ${text || title || href}]`
  return link.outerHTML
}

const cache = new Map<string, string>()
const CACHED = 200

/** @returns HTML that is safe to put into the page */
export function renderMarkdown(text: string): string {
  const known = cache.get(text)
  if (known !== undefined) return known
  const html = purify.sanitize(marked.parse(text, { async: false, gfm: true, breaks: true, renderer }), RULES)
  if (cache.size >= CACHED) cache.clear()
  if (text.length < 20_000) cache.set(text, html)
  return html
}
