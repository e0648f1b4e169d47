import type { PlacedAction } from '../app/all-keys.ts'
import { collide, holderOf } from '../app/key-holder.ts'
import { keyBindings } from '../shared/key-bindings.svelte.ts'
import { comboOf, keyCaps, worksInFields } from '../shared/keys.ts'
import { toasts } from '../shared/toasts.svelte.ts'

/** The place of one key of an action; the index after the last key adds a key. */
interface Slot {
  placed: PlacedAction
  index: number
}

/** A key that the user chose for one action, but that another action has. */
interface Conflict extends Slot {
  key: string
  holder: PlacedAction
}

/** Changes the keys of actions. After `begin`, the next key that the user presses becomes the key of that action. */
export class KeyEditor {
  readonly all: readonly PlacedAction[]
  /** The place of the key that is being chosen; null while none is. */
  slot = $state.raw<Slot | null>(null)
  /** The first key of a sequence, while the editor waits for the second. */
  first = $state<string | null>(null)
  conflict = $state.raw<Conflict | null>(null)
  /** Why the pressed key cannot be chosen; the editor then waits for another key. */
  refusal = $state<string | null>(null)

  /** @param all the actions of the whole app */
  constructor(all: readonly PlacedAction[]) {
    this.all = all
  }

  isChoosing({ action }: PlacedAction, index: number): boolean {
    return this.slot?.placed.action.id === action.id && this.slot.index === index
  }

  begin(placed: PlacedAction, index: number): void {
    this.conflict = null
    this.first = null
    this.refusal = null
    this.slot = { placed, index }
  }

  cancel(): void {
    this.slot = null
    this.first = null
    this.refusal = null
  }

  /** Handles a pressed key while a key is being chosen. */
  async press(event: KeyboardEvent): Promise<void> {
    const { slot } = this
    if (slot === null) return
    if (event.key === 'Tab') return // Tab moves to the other buttons of the row
    event.preventDefault()
    event.stopPropagation()
    if (event.repeat) return // the Enter that called `begin` may still be held down
    const pressed = comboOf(event)
    if (pressed === null) return
    if (pressed === 'escape') {
      this.cancel()
      return
    }
    const { action } = slot.placed
    if (action.inFields === true && !worksInFields(pressed)) {
      const name = action.label.replace('…', '')
      this.refusal = `“${name}” also works while you type: its key needs ${keyCaps('mod').join('')}, ${keyCaps('alt').join('')} or a function key.`
      return
    }
    if (this.first === null && this.#begins(pressed)) {
      this.first = pressed
      return
    }
    const key = this.first === null ? pressed : `${this.first} ${pressed}`
    this.cancel()
    await this.#choose(slot, key)
  }

  /** Whether a key begins a sequence, as `g` begins `g i`; no action can then have it alone. */
  #begins(key: string): boolean {
    return this.all.some(({ action }) => keyBindings.of(action).some((taken) => taken.startsWith(`${key} `)))
  }

  async #choose(slot: Slot, key: string): Promise<void> {
    const holder = this.#holderOf(key, slot.placed)
    if (holder === undefined) await keyBindings.set(this.#with(slot, key))
    else this.conflict = { ...slot, key, holder }
  }

  /** Finds the action that has a key. The default keys of two actions may be the same on purpose, and never conflict. */
  #holderOf(key: string, placed: PlacedAction): PlacedAction | undefined {
    const isOwn = placed.action.keys?.includes(key) === true
    const others = isOwn ? this.all.filter(({ action }) => keyBindings.isChanged(action.id)) : this.all
    return holderOf(key, placed, others)
  }

  #with({ placed: { action }, index }: Slot, key: string): Record<string, string[] | null> {
    const keys = [...keyBindings.of(action)]
    keys[index] = key
    const after = keys.filter((each, at) => keys.indexOf(each) === at)
    return { [action.id]: isSame(after, action.keys ?? []) ? null : after }
  }

  /** Whether the key can be taken from the action that has it. */
  get canTake(): boolean {
    const action = this.conflict?.holder.action
    return action !== undefined && action.fixed !== true && action.shiftOf === undefined
  }

  /** Takes the key from the action that has it. */
  async take(): Promise<void> {
    const { conflict } = this
    if (conflict === null || !this.canTake) return
    const { action } = conflict.holder
    const left = keyBindings.of(action).filter((taken) => !collide(taken, conflict.key))
    this.conflict = null
    if (await keyBindings.set({ [action.id]: left })) await this.#choose(conflict, conflict.key)
  }

  /** Removes a key of an action. */
  async remove({ placed: { action }, index }: Slot): Promise<void> {
    this.cancel()
    const left = keyBindings.of(action).filter((_, at) => at !== index)
    await keyBindings.set({ [action.id]: isSame(left, action.keys ?? []) ? null : left })
  }

  /** Restores the default keys of an action; if another action now has one of them, sets `conflict` instead. */
  async reset(placed: PlacedAction): Promise<void> {
    this.cancel()
    this.conflict = null
    for (const [index, key] of (placed.action.keys ?? []).entries()) {
      const holder = this.#holderOf(key, placed)
      if (holder === undefined) continue
      this.conflict = { placed, index, key, holder }
      return
    }
    await keyBindings.set({ [placed.action.id]: null })
  }

  async resetAll(): Promise<void> {
    this.cancel()
    this.conflict = null
    const before = keyBindings.chosen
    if (!(await keyBindings.reset())) return
    toasts.show('Every action has its default keys again', {
      action: { label: 'Undo', run: () => keyBindings.set(before) },
    })
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key, index) => key === other[index])
}
