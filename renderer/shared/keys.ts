const isMac = /mac|iphone|ipad/i.test(navigator.platform)

/** @returns whether keys typed there are text */
export function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true
  if (target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)
}

/**
 * @param combo `x`, `?`, `shift+arrowdown`, `mod+k` (Ctrl, or Command on a Mac)
 */
export function matchesKeys(event: KeyboardEvent, combo: string): boolean {
  const parts = combo.split('+')
  const key = parts.pop() ?? ''
  const mod = isMac ? event.metaKey : event.ctrlKey
  if (mod !== parts.includes('mod') || event.altKey !== parts.includes('alt')) return false
  // Shift is part of a printed character: `?` needs it, and on some keyboards `/` too.
  const printed = key.length === 1 && !/[a-z]/i.test(key)
  if (!printed && event.shiftKey !== parts.includes('shift')) return false
  return event.key.toLowerCase() === key
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
    .flatMap((chord) => chord.split('+'))
    .map((part) => SYMBOLS[part] ?? part.charAt(0).toUpperCase() + part.slice(1))
}

/** @returns whether this key submits a form with several lines: Ctrl or Command + Enter */
export function isSubmit(event: KeyboardEvent): boolean {
  return event.key === 'Enter' && (event.metaKey || event.ctrlKey)
}
