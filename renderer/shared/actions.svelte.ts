import { type Bindable, keyBindings } from './key-bindings.svelte.ts'
import { isEditable, matchesKeys, worksInFields } from './keys.ts'

/** Where an action's keys work. `drawer`: while the focus is in the open task; `board`: outside of it. */
export type Scope = 'app' | 'board' | 'drawer'

/** One of the choices of an action, such as a profile to plan with. */
export interface Choice {
  label: string
  run: () => unknown
}

/** One action of the user, shared by the keyboard, the palette and the list of keys. */
export interface Action extends Bindable {
  label: string
  group: string
  /**
   * `m`, `shift+x`, `mod+k`, `g i` (g, then i). Of several keys, the first is shown. These are the default keys; the user
   * may have chosen others (`keyBindings`).
   */
  keys?: readonly string[]
  scope?: Scope
  /** Left out of the palette: moving with the arrow keys is not a command. */
  hidden?: boolean
  /** Left out of the list of keys, because another line represents it. */
  unlisted?: boolean
  /** Whether its keys cannot be changed, because it stands for a row of keys, such as the digits. */
  fixed?: boolean
  /** The choices that the palette offers in place of the action; read when the palette opens. */
  choices?: () => readonly Choice[] | Promise<readonly Choice[]>
  /** Whether its keys also work in a text field. A key that types text or moves the caret never does. */
  inFields?: boolean
  /** Its keys apply only while this does not return false. */
  enabled?: () => boolean
  run: (event?: KeyboardEvent) => unknown
}

/** These elements handle Enter and Space themselves. */
const PRESSED_BY_KEYS = 'button, a[href], summary, select, [role="option"], [role="menuitem"], [role="tab"]'
const SEQUENCE_LASTS = 1200
/** How long a request waits for its action: as long as a view may take to load. In milliseconds. */
const REQUEST_LASTS = 10_000

class Actions {
  #sets = $state.raw<readonly (readonly Action[])[]>([])
  #pending: { key: string; at: number } | null = null
  #holds = 0
  #requested: { id: string; at: number } | null = null

  /** Every registered action, in the order of registration. */
  get all(): readonly Action[] {
    return this.#sets.flat()
  }

  readonly #shown: ReadonlyMap<string, string> = $derived(
    new Map(
      this.all.flatMap((action) =>
        keyBindings
          .of(action)
          .slice(0, 1)
          .map((key) => [action.id, key]),
      ),
    ),
  )

  /** @returns the key that a tooltip or a menu shows for an action; undefined if it has none or is not registered */
  keyOf(id: string): string | undefined {
    return this.#shown.get(id)
  }

  /** @returns a function that removes them, to be returned from `onMount` */
  register(actions: readonly Action[]): () => void {
    this.#sets = [...this.#sets, actions]
    const requested = this.#requested
    if (requested !== null && actions.some(({ id }) => id === requested.id)) {
      this.#requested = null
      if (performance.now() - requested.at < REQUEST_LASTS) queueMicrotask(() => this.run(requested.id))
    }
    return () => {
      this.#sets = this.#sets.filter((set) => set !== actions)
    }
  }

  /**
   * Leaves all keys to a menu or dialog that has opened: it takes the focus with the next frame, and keys pressed
   * before that belong to it, not to the card behind it.
   *
   * @returns a function that ends it
   */
  hold(): () => void {
    this.#holds++
    return () => this.#holds--
  }

  /** One listener for the whole window. Later registrations win; the drawer's keys win while it has the focus. */
  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || this.#holds > 0) return
    const target = event.target instanceof Element ? event.target : null
    if (target?.closest('[data-own-keys]')) return
    if ((event.key === 'Enter' || event.key === ' ') && target?.matches(PRESSED_BY_KEYS)) return
    const inDrawer = target?.closest('[data-scope="drawer"]') !== null && target !== null
    const editing = isEditable(target)
    const pending = this.#takePending()
    const match = [...this.all].reverse().find((action) => {
      const scope = action.scope ?? 'app'
      if (scope !== 'app' && (scope === 'drawer') !== inDrawer) return false
      const keys = keyBindings.of(action).some((combo) => {
        if (editing && !(action.inFields === true && worksInFields(combo))) return false
        const [first, second] = combo.split(' ')
        if (second !== undefined) return pending === first && matchesKeys(event, second)
        return pending === null && matchesKeys(event, combo)
      })
      return keys && action.enabled?.() !== false
    })
    if (match !== undefined) {
      event.preventDefault()
      match.run(event)
    } else if (!editing && this.all.some((action) => startsSequence(action, event.key))) {
      this.#pending = { key: event.key, at: performance.now() }
    }
  }

  /** As `run`; if no view has the action yet, it runs as soon as one registers it. */
  request(id: string): void {
    if (this.#sets.flat().some((action) => action.id === id)) this.run(id)
    else this.#requested = { id, at: performance.now() }
  }

  /** Runs an action by its id, for buttons that are far from its owner. */
  run(id: string): void {
    const action = this.all.find((candidate) => candidate.id === id)
    if (action !== undefined && action.enabled?.() !== false) action.run()
  }

  #takePending(): string | null {
    const pending = this.#pending
    this.#pending = null
    return pending !== null && performance.now() - pending.at < SEQUENCE_LASTS ? pending.key : null
  }
}

function startsSequence(action: Action, key: string): boolean {
  return keyBindings.of(action).some((combo) => combo.startsWith(`${key} `))
}

export const actions = new Actions()
