// The grammar of the small shell of the tests (run.ts): the part of POSIX that worker lines of tests use.

export type Part =
  | { text: string; quoted: boolean }
  | { name: string; quoted: boolean; fallback?: string; length?: true }
  | { command: string; quoted: boolean }
  | { arithmetic: string; quoted: boolean }

export type Word = Part[]

export interface Redirection {
  fd: number
  kind: '<' | '>' | '>>' | '>&'
  to: Word
}

export type Node =
  | { is: 'simple'; assignments: [string, Word][]; words: Word[]; redirections: Redirection[] }
  | { is: 'group' | 'subshell'; body: Node; source: string; redirections: Redirection[] }
  | { is: 'if'; test: Node; then: Node; otherwise: Node | null; redirections: Redirection[] }
  | { is: 'loop'; until: boolean; test: Node; body: Node; redirections: Redirection[] }
  | { is: 'for'; name: string; words: Word[]; body: Node; redirections: Redirection[] }
  | { is: 'not'; node: Node }
  | { is: 'pipe'; left: Node; right: Node }
  | { is: 'and' | 'or'; left: Node; right: Node }
  | { is: 'list'; items: { node: Node; background: boolean; source: string }[] }

const RESERVED = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', '}', 'esac'])
const NAME = /^[A-Za-z_]\w*/

export function parse(text: string): Node {
  const parser = new Parser(text)
  const node = parser.list()
  if (!parser.atEnd()) throw new Error(`unexpected “${text.slice(parser.at, parser.at + 20)}” in: ${text}`)
  return node
}

class Parser {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  get #rest(): string {
    return this.#text.slice(this.at)
  }

  atEnd(): boolean {
    this.#blanks(true)
    return this.at >= this.#text.length
  }

  #blanks(lines = false): void {
    const pattern = lines ? /^(?:[ \t\r\n]|\\\n|#[^\n]*)*/ : /^(?:[ \t\r]|\\\n)*/
    this.at += pattern.exec(this.#rest)?.[0].length ?? 0
  }

  #take(token: string): boolean {
    this.#blanks()
    if (!this.#rest.startsWith(token)) return false
    this.at += token.length
    return true
  }

  #peekWord(): string {
    this.#blanks(true)
    return /^(?:[\w!{}[\]:.]+)/.exec(this.#rest)?.[0] ?? ''
  }

  #takeWord(word: string): boolean {
    if (this.#peekWord() !== word) return false
    this.at += word.length
    return true
  }

  #need(word: string): void {
    if (!this.#takeWord(word)) throw new Error(`“${word}” is missing before: ${this.#rest.slice(0, 40)}`)
  }

  list(): Node {
    const items: { node: Node; background: boolean; source: string }[] = []
    for (;;) {
      this.#blanks(true)
      const word = this.#peekWord()
      if (this.at >= this.#text.length || RESERVED.has(word) || this.#rest.startsWith(')')) break
      const from = this.at
      const node = this.#andOr()
      const source = this.#text.slice(from, this.at)
      this.#blanks()
      const background = /^&(?!&)/.test(this.#rest)
      if (background || this.#rest.startsWith(';') || this.#rest.startsWith('\n')) this.at++
      items.push({ node, background, source })
    }
    return { is: 'list', items }
  }

  #andOr(): Node {
    let left = this.#pipe()
    for (;;) {
      const is = this.#take('&&') ? 'and' : this.#take('||') ? 'or' : null
      if (is === null) return left
      this.#blanks(true)
      left = { is, left, right: this.#pipe() }
    }
  }

  #pipe(): Node {
    if (this.#takeWord('!')) return { is: 'not', node: this.#pipe() }
    let left = this.#command()
    for (;;) {
      this.#blanks()
      if (!/^\|(?!\|)/.test(this.#rest)) return left
      this.at++
      this.#blanks(true)
      left = { is: 'pipe', left, right: this.#command() }
    }
  }

  #command(): Node {
    const word = this.#peekWord()
    if (this.#rest.startsWith('(')) return this.#enclosed('subshell', '(', ')')
    if (word === '{') return this.#enclosed('group', '{', '}')
    if (word === 'if') return this.#if()
    if (word === 'while' || word === 'until') return this.#loop(word === 'until')
    if (word === 'for') return this.#for()
    return this.#simple()
  }

  #enclosed(is: 'group' | 'subshell', open: string, close: string): Node {
    this.at += open.length
    const from = this.at
    const body = this.list()
    const source = this.#text.slice(from, this.at)
    this.#blanks(true)
    if (!this.#take(close)) throw new Error(`“${close}” is missing`)
    return { is, body, source, redirections: this.#redirections() }
  }

  #if(): Node {
    if (!this.#takeWord('if')) this.#need('elif')
    const test = this.list()
    this.#need('then')
    const then = this.list()
    if (this.#peekWord() === 'elif') return { is: 'if', test, then, otherwise: this.#if(), redirections: [] }
    const otherwise = this.#takeWord('else') ? this.list() : null
    this.#need('fi')
    return { is: 'if', test, then, otherwise, redirections: this.#redirections() }
  }

  #loop(until: boolean): Node {
    this.at += 5
    const test = this.list()
    this.#need('do')
    const body = this.list()
    this.#need('done')
    return { is: 'loop', until, test, body, redirections: this.#redirections() }
  }

  #for(): Node {
    this.at += 3
    this.#blanks()
    const name = NAME.exec(this.#rest)?.[0] ?? ''
    this.at += name.length
    this.#need('in')
    const words: Word[] = []
    for (let word = this.#word(); word !== null; word = this.#word()) words.push(word)
    this.#take(';')
    this.#need('do')
    const body = this.list()
    this.#need('done')
    return { is: 'for', name, words, body, redirections: this.#redirections() }
  }

  #simple(): Node {
    const assignments: [string, Word][] = []
    const words: Word[] = []
    const redirections: Redirection[] = []
    for (;;) {
      const redirection = this.#redirection()
      if (redirection !== null) {
        redirections.push(redirection)
        continue
      }
      const name = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.#rest)?.[1] : undefined
      if (name !== undefined) this.at += name.length + 1
      const word = this.#word()
      if (name !== undefined) assignments.push([name, word ?? []])
      else if (word !== null) words.push(word)
      else break
    }
    if (words.length + assignments.length + redirections.length === 0)
      throw new Error(`a command is missing before: ${this.#rest.slice(0, 40)}`)
    return { is: 'simple', assignments, words, redirections }
  }

  #redirections(): Redirection[] {
    const found: Redirection[] = []
    for (let one = this.#redirection(); one !== null; one = this.#redirection()) found.push(one)
    return found
  }

  #redirection(): Redirection | null {
    this.#blanks()
    const match = /^(\d?)(>>|>&|<&|>\||>|<)/.exec(this.#rest)
    if (match === null) return null
    this.at += match[0].length
    const sign = match[2] === '>|' ? '>' : match[2] === '<&' ? '>&' : match[2]
    const to = this.#word()
    if (to === null) throw new Error('a redirection leads nowhere')
    return {
      fd: match[1] === '' ? (sign === '<' ? 0 : 1) : Number(match[1]),
      kind: sign as Redirection['kind'],
      to,
    }
  }

  /** null where a command or a list ends. */
  #word(): Word | null {
    this.#blanks()
    const parts: Word = []
    while (this.at < this.#text.length && !/^[\s;&|<>()]/.test(this.#rest)) {
      const char = this.#text[this.at] ?? ''
      if (char === "'") parts.push({ text: this.#upTo("'"), quoted: true })
      else if (char === '"') parts.push(...this.#doubleQuoted())
      else if (char === '\\') {
        parts.push({ text: this.#text[this.at + 1] ?? '', quoted: true })
        this.at += 2
      } else if (char === '$' || char === '`') parts.push(this.#expansion(false))
      else {
        const text = /^[^\s;&|<>()'"\\$`]+/.exec(this.#rest)?.[0] ?? char
        this.at += text.length
        parts.push({ text, quoted: false })
      }
    }
    return parts.length === 0 ? null : parts
  }

  #upTo(end: string): string {
    const close = this.#text.indexOf(end, this.at + 1)
    if (close < 0) throw new Error(`a ${end} is not closed`)
    const text = this.#text.slice(this.at + 1, close)
    this.at = close + 1
    return text
  }

  #doubleQuoted(): Word {
    const parts: Word = [{ text: '', quoted: true }]
    this.at++
    while (this.#text[this.at] !== '"') {
      if (this.at >= this.#text.length) throw new Error('a " is not closed')
      const char = this.#text[this.at] ?? ''
      if (char === '$' || char === '`') parts.push(this.#expansion(true))
      else if (char === '\\' && /^\\[\\"$`\n]/.test(this.#rest)) {
        parts.push({ text: this.#text[this.at + 1] ?? '', quoted: true })
        this.at += 2
      } else {
        parts.push({ text: char, quoted: true })
        this.at++
      }
    }
    this.at++
    return parts
  }

  #expansion(quoted: boolean): Part {
    if (this.#rest.startsWith('`')) return { command: this.#upTo('`'), quoted }
    if (this.#rest.startsWith('$((')) {
      const end = this.#text.indexOf('))', this.at)
      const arithmetic = this.#text.slice(this.at + 3, end)
      this.at = end + 2
      return { arithmetic, quoted }
    }
    if (this.#rest.startsWith('$(')) {
      this.at += 2
      const from = this.at
      this.list()
      const command = this.#text.slice(from, this.at)
      this.#take(')')
      return { command, quoted }
    }
    const braced = /^\$\{(#?)(\w+|[?$!#@])(?::-([^}]*))?\}/.exec(this.#rest)
    if (braced !== null) {
      this.at += braced[0].length
      const fallback = braced[3] === undefined ? {} : { fallback: braced[3] }
      return { name: braced[2] ?? '', quoted, ...fallback, ...(braced[1] === '#' && { length: true }) }
    }
    const plain = /^\$([A-Za-z_]\w*|[0-9?$!#@*])/.exec(this.#rest)
    this.at += plain?.[0].length ?? 1
    return plain === null ? { text: '$', quoted: true } : { name: plain[1] ?? '', quoted }
  }
}
