import { marked, type TokenizerAndRendererExtension } from 'marked'
import { PLACE_AT_START, PLACE_WITHIN, placeHref } from './file-places.ts'
import { mayBeParsed, mayBeShown } from '../../formats/markdown-limits.ts'

const renderer = new marked.Renderer()

/** Shows an image as a link: an address in a worker's text must not load anything remote. */
renderer.image = ({ href, text, title }) =>
  `<a href="${escaped(href)}">${escaped(`[image: ${text || title || href}]`)}</a>`

/** The id of a task becomes a link to it, on the board that is open. Not within code, and not as a part of a word. */
const taskLink: TokenizerAndRendererExtension = {
  name: 'task',
  level: 'inline',
  start: (text) => /(?<![\w/])t_[0-9a-f]{8}(?!\w)/.exec(text)?.index,
  tokenizer(text, before) {
    // `start` is asked about a part of the text, so what stands before is looked at here too.
    if (/[\w/]$/.test(before.at(-1)?.raw ?? '') || this.lexer.state.inLink) return undefined
    const raw = /^t_[0-9a-f]{8}(?!\w)/.exec(text)?.[0]
    return raw === undefined ? undefined : { type: 'task', raw }
  },
  renderer: ({ raw }) => `<a href="#/task/${raw}">${raw}</a>`,
}
/** A place in a file becomes a link that opens it in the editor: in a text, and where it is all of a piece of code. */
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
