import { marked, type TokenizerAndRendererExtension } from 'marked'
import { PLACE_AT_START, PLACE_WITHIN, placeHref } from './file-places.ts'
import { mayBeParsed, mayBeShown } from '../../formats/markdown-limits.ts'

const renderer = new marked.Renderer()

/** Shows an image as a link: an address in a worker's text must not load anything remote. */
renderer.image = ({ href, text, title }) =>
  `<a href="${escaped(href)}">${escaped(`[image: ${text || title || href}]`)}</a>`

/** Makes the id of a task a link to that task on the open board, except within code or a longer word. */
const taskLink: TokenizerAndRendererExtension = {
  name: 'task',
  level: 'inline',
  start: (text) => /(?<![\w/])t_[0-9a-f]{8}(?!\w)/.exec(text)?.index,
  tokenizer(text, before) {
    // `start` sees only the rest of the text, so the character before it is checked here.
    if (/[\w/]$/.test(before.at(-1)?.raw ?? '') || this.lexer.state.inLink) return undefined
    const raw = /^t_[0-9a-f]{8}(?!\w)/.exec(text)?.[0]
    return raw === undefined ? undefined : { type: 'task', raw }
  },
  renderer: ({ raw }) => `<a href="#/task/${raw}">${raw}</a>`,
}
/** Makes a place in a file a link that opens it in the editor; `codespan` does the same if a code span is only a place. */
const placeLink: TokenizerAndRendererExtension = {
  name: 'place',
  level: 'inline',
  start: (text) => PLACE_WITHIN.exec(text)?.index,
  tokenizer(text, before) {
    if (/[\w/:.@-]$/.test(before.at(-1)?.raw ?? '') || this.lexer.state.inLink) return undefined
    const raw = PLACE_AT_START.exec(text)?.[0]
    return raw === undefined ? undefined : { type: 'place', raw }
  },
  renderer: ({ raw }) => linkToPlace(raw, escaped(raw)),
}
marked.use({ extensions: [taskLink, placeLink] })

renderer.codespan = ({ text }) => {
  const code = `<code>${escaped(text)}</code>`
  return PLACE_AT_START.exec(text)?.[0] === text ? linkToPlace(text, code) : code
}

function linkToPlace(place: string, html: string): string {
  return `<a href="${placeHref(place)}" title="Open in your editor">${html}</a>`
}

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
