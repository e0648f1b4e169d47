import type { OperationOutput } from '../../contract/index.ts'
import type { Failure } from '../shared/errors.ts'
import { brokenIn, withBrokenJson } from './broken-json.ts'
import { Rows } from './rows.svelte.ts'
import { type FieldSpec, fieldsIn, type ItemSpec, itemSpec } from './schema-fields.ts'

export type Asked = NonNullable<OperationOutput<'task.walk'>['walks'][number]['asks']>

/** The answer of a person at an approve step. */
export interface GivenAnswer {
  verdict: string
  note: string
  /** The chosen item; null if the person chose none. */
  item: string | null
  form: Record<string, unknown> | null
  /** null leaves the list as it is. */
  edit: unknown[] | null
}

/** An unsent answer, as it is stored on this machine. */
interface Draft {
  values: Record<string, unknown>
  lists: Record<string, unknown[]>
  item: string | null
}

/** The form for the answer to one question: its fields, its list, and the problems of both. */
export class AnswerForm {
  readonly fields: readonly FieldSpec[]
  readonly list: { name: string; item: ItemSpec; rows: Rows } | null
  values = $state.raw<Readonly<Record<string, unknown>>>({})
  note = $state('')
  item = $state<string | null>(null)
  /** The problems, by place: `form.version`, `edit.2.goal`. */
  problems = $state.raw<Readonly<Record<string, string>>>({})
  /** Why the answer was refused, if the refusal names no field. */
  refusal = $state<string | null>(null)
  readonly #lists: Record<string, Rows> = {}
  readonly #start: Readonly<Record<string, unknown>>

  constructor(asks: Asked, draft: string | null = null) {
    const kept = readDraft(draft)
    this.fields = asks.form === null ? [] : fieldsIn(asks.form.schema)
    this.#start = asks.form?.values ?? {}
    this.values = kept?.values ?? this.#start
    this.item = kept?.item ?? null
    for (const { kind, name } of this.fields) {
      const start = this.#start[name]
      if (kind === 'list') this.#addList(`form.${name}`, Array.isArray(start) ? start : [], kept)
    }
    const { edit } = asks
    this.list =
      edit === null
        ? null
        : {
            name: edit.name,
            item: itemSpec(edit.schema['items']),
            rows: this.#addList('edit', edit.list, kept),
          }
  }

  #addList(place: string, original: readonly unknown[], kept: Draft | null): Rows {
    const rows = new Rows(original, kept?.lists[place] ?? original)
    this.#lists[place] = rows
    return rows
  }

  /** The list of a field. */
  rowsOf(name: string): Rows {
    const rows = this.#lists[`form.${name}`]
    if (rows === undefined) throw new Error(`there is no list ${name}`)
    return rows
  }

  set(name: string, value: unknown): void {
    this.values = { ...this.values, [name]: value }
    this.forget(`form.${name}`)
  }

  /** Removes the problems at a place. Call it when the person changes the value there. */
  forget(place: string): void {
    this.problems = Object.fromEntries(
      Object.entries(this.problems).filter(([one]) => !isAtOrBelow(one, place)),
    )
  }

  /** @returns the first problem of a field, or of a value within it */
  problemAt(place: string): string | null {
    for (const [one, message] of Object.entries(this.problems)) if (isAtOrBelow(one, place)) return message
    return null
  }

  /** @returns the problem of a list or an item as a whole */
  problemOf(place: string): string | null {
    return this.problems[place] ?? null
  }

  /**
   * @returns the answer to send; null for an approval with problems, which are then shown at their fields. Another
   *   verdict leaves out what has a problem: a person who rejects need not finish the form.
   */
  given(verdict: string): GivenAnswer | null {
    const isApproved = verdict === 'approved'
    this.problems = isApproved ? this.#findProblems() : {}
    this.refusal = null
    if (Object.keys(this.problems).length > 0) {
      this.#showProblems()
      return null
    }
    return {
      verdict,
      note: this.note.trim(),
      item: isApproved ? this.item : null,
      form: this.#form(isApproved),
      edit: this.list?.rows.isChanged === true ? sendable(this.list.rows, this.list.item) : null,
    }
  }

  #findProblems(): Record<string, string> {
    const lists = Object.entries(this.#lists)
    const broken = lists.flatMap(([place, rows]) => brokenIn(rows.values, place))
    const problems: Record<string, string> = Object.fromEntries(
      [...broken, ...brokenIn(this.values, 'form')].map((place) => [place, 'Is not JSON']),
    )
    for (const [place, rows] of lists)
      for (const [index, value] of rows.values.entries())
        if (isEmptyText(value)) problems[`${place}.${index}`] = 'Is empty'
    return problems
  }

  /** @returns all fields for an approval; for another verdict, only the changed ones */
  #form(isApproved: boolean): Record<string, unknown> | null {
    const sent = this.fields.flatMap((spec): [string, unknown][] => {
      const { item, name } = spec
      const start = this.#start[name]
      const typed = this.values[name]
      const value = item === null ? typed : sendable(this.rowsOf(name), item)
      if (brokenIn(value, name).length > 0 || (item !== null && value === null)) return []
      // Leaves out an empty list that had no value at the start.
      if (start === undefined && Array.isArray(value) && value.length === 0) return []
      const isChanged = JSON.stringify(empty(value)) !== JSON.stringify(start ?? null)
      return isApproved || isChanged ? [[name, isApproved ? withFalse(spec, value) : empty(value)]] : []
    })
    return sent.length === 0 ? null : Object.fromEntries(sent)
  }

  /** Shows a refusal: at the fields that it names, else below them. */
  refuse(failure: Failure): void {
    const fields = failure.data?.['fields']
    const named = Array.isArray(fields) ? (fields as { path: (string | number)[]; message: string }[]) : []
    this.problems = Object.fromEntries(named.map(({ message, path }) => [path.join('.'), sentence(message)]))
    const isShown = named.length > 0 && Object.keys(this.problems).every((place) => this.#hasField(place))
    this.refusal = isShown ? null : failure.message
    this.#showProblems()
  }

  /** @returns whether a problem at this place is shown at a field */
  #hasField(place: string): boolean {
    const places = this.fields.map(({ name }) => `form.${name}`)
    if (this.list !== null) places.push('edit')
    return places.some((one) => isAtOrBelow(place, one))
  }

  /** Opens the first item with a problem in each list, so that the person sees the problem. */
  #showProblems(): void {
    for (const [list, rows] of Object.entries(this.#lists)) {
      const first = rows.list.find((_row, index) => this.problemAt(`${list}.${index}`) !== null)
      if (first !== undefined) rows.open = first.id
    }
  }

  /** The unsent answer, to be stored; null without changes. */
  get draft(): string | null {
    const lists = Object.entries(this.#lists).filter(([, rows]) => rows.isChanged)
    if (this.values === this.#start && lists.length === 0 && this.item === null) return null
    const draft: Draft = {
      values: this.values,
      lists: Object.fromEntries(lists.map(([place, rows]) => [place, rows.values])),
      item: this.item,
    }
    return JSON.stringify(draft)
  }
}

/** @param place such as `form.version` or `edit.2` */
function isAtOrBelow(one: string, place: string): boolean {
  return one === place || one.startsWith(`${place}.`)
}

/** @returns the items of a list as they are sent; null if one of them is not JSON */
function sendable(rows: Rows, { fields }: ItemSpec): unknown[] | null {
  const values = rows.values.filter((value) => !isEmptyText(value))
  return brokenIn(values, '').length > 0 ? null : values.map((value) => cleaned(value, fields))
}

function isEmptyText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === ''
}

/** @returns an item without its empty fields */
function cleaned(value: unknown, fields: readonly FieldSpec[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const unticked = fields.filter(({ kind, required }) => kind === 'boolean' && required)
  return { ...Object.fromEntries(unticked.map(({ name }) => [name, false])), ...withoutEmpty(value) }
}

function withoutEmpty(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== '' && one !== null))
}

function empty(value: unknown): unknown {
  return value === '' || value === undefined ? null : value
}

/** A required box that nobody ticked says no: there is no way to leave it empty. */
function withFalse({ kind, required }: FieldSpec, value: unknown): unknown {
  return kind === 'boolean' && required && value !== true ? false : empty(value)
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`
}

function readDraft(text: string | null): Draft | null {
  if (text === null) return null
  try {
    const { item, lists, values } = JSON.parse(text, withBrokenJson) as Partial<Draft>
    if (values === undefined && lists === undefined) return null
    return { values: values ?? {}, lists: lists ?? {}, item: item ?? null }
  } catch {
    return null // written by another version
  }
}
