import DOMPurify from 'dompurify'
import { isPlaceHref } from './file-places.ts'
import { parseMarkdown } from './markdown-parser.ts'
import { WorkerThread } from './worker-thread.ts'

/** A worker's text is untrusted: only structure is kept, never a script, a style, a form or a remote resource. */
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
  if (node.tagName === 'A' && !isOwn(node.getAttribute('href'))) {
    node.setAttribute('target', '_blank')
    node.setAttribute('rel', 'noreferrer noopener')
  }
  // The only input that Markdown produces is the checkbox of a task list.
  if (node.tagName === 'INPUT') {
    node.setAttribute('type', 'checkbox')
    node.setAttribute('disabled', '')
  }
})

/** Whether an address leads to a task or a place in a file, and so stays in this page. */
function isOwn(href: string | null): boolean {
  return href?.startsWith('#/task/') === true || isPlaceHref(href)
}

/** Up to this length parsing takes no longer than a frame or two, so the text appears with its surroundings. */
const AT_ONCE = 2_000
const CACHED = 200
/** Safe HTML by text; null for a text to be shown as plain source. */
const cache = new Map<string, string | null>()
/** A text that takes longer, in milliseconds, is shown as plain source. */
const LIMIT = 2_000
const thread = new WorkerThread<string, string>(
  () => new Worker(new URL('./markdown-worker.ts', import.meta.url), { type: 'module' }),
  LIMIT,
)

function keep(text: string, html: string | null): string | null {
  const clean = html === null ? null : purify.sanitize(html, RULES)
  if (cache.size >= CACHED) cache.clear()
  cache.set(text, clean)
  return clean
}

/**
 * @returns HTML that is safe to put into the page; null for a text to be shown as plain source; undefined for one that
 *   needs `renderLater`
 */
export function renderAtOnce(text: string): string | null | undefined {
  const known = cache.get(text)
  if (known !== undefined) return known
  return text.length <= AT_ONCE ? keep(text, parseMarkdown(text)) : undefined
}

/** As `renderAtOnce`, for any text: parsed in a thread, within limits of size, depth and time. Never rejects. */
export async function renderLater(text: string): Promise<string | null> {
  return renderAtOnce(text) ?? keep(text, await thread.ask(text))
}
