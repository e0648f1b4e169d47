import type { OperationOutput } from '../../contract/index.ts'
import type { Failure } from '../shared/errors.ts'
import { brokenIn } from './broken-json.ts'
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
      Object.entries(this.problems).filter(([one]) => one !== place && !one.startsWith(`${place}.`)),
    )
  }

  /** @returns the first problem of a field, or of a value within it */
  problemAt(place: string): string | null {
    for (const [one, message] of Object.entries(this.problems))
      if (one === place || one.startsWith(`${place}.`)) return message
    return null
  }

  /** @returns the problem of a list or an item as a whole */
  problemOf(place: string): string | null {
    return this.problems[place] ?? null
  }

  /** @returns the answer to send; null if it has problems, which are then shown at their fields */
  given(verdict: string): GivenAnswer | null {
    const isApproved = verdict === 'approved'
    const broken = Object.entries(this.#lists).flatMap(([place, rows]) => brokenIn(rows.values, place))
    const problems: Record<string, string> = Object.fromEntries(
      [...broken, ...brokenIn(this.values, 'form')].map((place) => [place, 'Is not JSON']),
    )
    for (const [place, rows] of Object.entries(this.#lists))
      for (const [index, { value }] of rows.list.entries())
        if (typeof value === 'string' && value.trim() === '') problems[`${place}.${index}`] = 'Is empty'
    this.problems = problems
    this.refusal = null
    if (Object.keys(problems).length > 0) {
      this.#showProblems()
      return null
    }
    const rows = this.list?.rows
    return {
      verdict,
      note: this.note.trim(),
      item: isApproved ? this.item : null,
      form: this.#form(isApproved),
      edit: rows?.isChanged === true ? rows.values.map(cleaned) : null,
    }
  }

  /** @returns all fields for an approval; for another verdict, only the changed ones */
  #form(isApproved: boolean): Record<string, unknown> | null {
    const all = this.fields.map(({ kind, name }) => {
      const value = kind === 'list' ? this.rowsOf(name).values.map(cleaned) : this.values[name]
      return [name, value === '' || value === undefined ? null : value] as const
    })
    const start = (name: string) => JSON.stringify(this.#start[name] ?? null)
    const sent = all.filter(([name, value]) => {
      const isChanged = JSON.stringify(value) !== start(name)
      // Leaves out an empty list that had no value at the start.
      const isNothing = this.#start[name] === undefined && Array.isArray(value) && value.length === 0
      return !isNothing && (isApproved || isChanged)
    })
    return sent.length === 0 ? null : Object.fromEntries(sent)
  }

  /** Shows a refusal: at the fields that it names, else below them. */
  refuse(failure: Failure): void {
    const fields = failure.data?.['fields']
    const named = Array.isArray(fields) ? (fields as { path: (string | number)[]; message: string }[]) : []
    this.problems = Object.fromEntries(named.map(({ message, path }) => [path.join('.'), sentence(message)]))
    this.refusal = named.length === 0 ? failure.message : null
    this.#showProblems()
  }

  /** Opens an item with a problem in each list, so that the person sees the problem. */
  #showProblems(): void {
    for (const place of Object.keys(this.problems))
      for (const [list, rows] of Object.entries(this.#lists)) {
        if (!place.startsWith(`${list}.`)) continue
        const row = rows.list[Number(place.slice(list.length + 1).split('.', 1)[0])]
        if (row !== undefined) rows.open = row.id
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

/** @returns an item without its empty fields */
function cleaned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== '' && one !== null))
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`
}

function readDraft(text: string | null): Draft | null {
  if (text === null) return null
  try {
    const { item, lists, values } = JSON.parse(text) as Partial<Draft>
    return { values: values ?? {}, lists: lists ?? {}, item: item ?? null }
  } catch {
    return null // written by another version
  }
}
