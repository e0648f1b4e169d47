const isMac = /mac|iphone|ipad/i.test(navigator.platform)

/** @returns whether keys typed there are text */
export function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true
  if (target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)
}

/** @returns the parts of `mod+k`: first the keys that are held, last the key itself, which may be `+` */
function partsOf(chord: string): string[] {
  return chord === '+' || chord.endsWith('++')
    ? [...chord.slice(0, -1).split('+').filter(Boolean), '+']
    : chord.split('+')
}

/** Whether Shift is already part of the key: `?` needs Shift, and `/` too on some keyboards. Only letters tell Shift apart. */
const isPrinted = (key: string): boolean => key.length === 1 && !/\p{L}/u.test(key)

const modOf = (event: KeyboardEvent): boolean => (isMac ? event.metaKey : event.ctrlKey)

/**
 * @param combo `x`, `?`, `shift+arrowdown`, `mod+k` (Ctrl, or Command on a Mac)
 */
export function matchesKeys(event: KeyboardEvent, combo: string): boolean {
  const parts = partsOf(combo)
  const key = parts.pop() ?? ''
  if (modOf(event) !== parts.includes('mod') || event.altKey !== parts.includes('alt')) return false
  if (!isPrinted(key) && event.shiftKey !== parts.includes('shift')) return false
  return event.key.toLowerCase() === key
}

/** @returns whether a combination may run an action in a text field; others type text or move the caret there */
export function worksInFields(combo: string): boolean {
  const parts = partsOf(combo)
  return parts.includes('mod') || parts.includes('alt') || /^(?:escape|f\d+)$/.test(parts.at(-1) ?? '')
}

/** Keys that are only held with others, or that the browser, the system or the keyboard layout needs. */
const NO_KEYS = /^(?:control|shift|alt|altgraph|meta|capslock|numlock|dead|process|unidentified|tab| )$/

/** @returns the pressed combination, as `matchesKeys` takes it; null for a key that cannot run an action */
export function comboOf(event: KeyboardEvent): string | null {
  const key = event.key.toLowerCase()
  if (NO_KEYS.test(key)) return null
  return [
    ...(modOf(event) ? ['mod'] : []),
    ...(event.altKey ? ['alt'] : []),
    ...(event.shiftKey && !isPrinted(key) ? ['shift'] : []),
    key,
  ].join('+')
}

const SYMBOLS: Record<string, string> = {
  mod: isMac ? '⌘' : 'Ctrl',
  shift: isMac ? '⇧' : 'Shift',
  alt: isMac ? '⌥' : 'Alt',
  enter: '↵',
  escape: 'Esc',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  ' ': 'Space',
}

/** @returns the key caps of a combination; for a sequence, one list per step */
export function keyCaps(combo: string): string[] {
  if (combo === ' ') return ['Space']
  return combo
    .split(' ')
    .flatMap(partsOf)
    .map((part) => SYMBOLS[part] ?? part.charAt(0).toUpperCase() + part.slice(1))
}

/** @returns whether this key submits a form with several lines: Ctrl or Command + Enter */
export function isSubmit(event: KeyboardEvent): boolean {
  return event.key === 'Enter' && (event.metaKey || event.ctrlKey)
}
