/*
 * Moves the keyboard focus through the lines of a diff, across its files.
 */

const STOPS = '[data-line], [data-file-head], [data-more]'

/** Moves the focus to the next or previous line. @param root the element that scrolls */
export function stepLine(root: HTMLElement, by: 1 | -1): void {
  const stops = [...root.querySelectorAll<HTMLElement>(STOPS)]
  const next = neighbour(stops, root, by)
  if (next === undefined) return
  if (next.dataset['more'] === undefined) show(next)
  // The button renders the next lines, and moves the focus to them.
  else next.click()
}

/** Moves the focus to the next or previous change. A file that is not rendered yet counts as one change. */
export function stepChange(root: HTMLElement, by: 1 | -1): void {
  const stops = [...root.querySelectorAll<HTMLElement>('[data-starts], [data-file-head], [data-more]')]
  const changes = stops.filter(
    (stop) => stop.dataset['fileHead'] === undefined || fileOf(stop)?.querySelector('[data-line]') === null,
  )
  const next = neighbour(changes, root, by)
  if (next === undefined) return
  if (next.dataset['more'] === undefined) show(next)
  else next.click()
}

function neighbour(stops: readonly HTMLElement[], root: HTMLElement, by: 1 | -1): HTMLElement | undefined {
  const active = document.activeElement
  if (active === null || active === root || !root.contains(active)) {
    const top = root.getBoundingClientRect().top
    return stops.find((stop) => stop.getBoundingClientRect().bottom > top)
  }
  const at = stops.indexOf(active as HTMLElement)
  if (at >= 0) return stops[at + by]
  const isAfter = (stop: HTMLElement) =>
    (active.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
  return by === 1 ? stops.find(isAfter) : stops.filter((stop) => !isAfter(stop)).at(-1)
}

/** The height of the sticky head of a file, in pixels. */
const HEAD = 44

/** Focuses a line and scrolls it into view, below the sticky head of its file. */
function show(stop: HTMLElement): void {
  stop.focus({ preventScroll: true })
  const root = stop.closest<HTMLElement>('[data-scrolls]')
  if (root === null) return
  const [own, all] = [stop.getBoundingClientRect(), root.getBoundingClientRect()]
  const above = all.top + HEAD - own.top
  const below = own.bottom + HEAD - all.bottom
  if (above > 0) root.scrollTop -= above
  else if (below > 0) root.scrollTop += below
}

function fileOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>('[data-file]')
}

/** @returns the path of the file that the focus is in; null outside of files */
export function focusedFile(): string | null {
  return document.activeElement === null ? null : (fileOf(document.activeElement)?.dataset['file'] ?? null)
}

/** Shows more lines at the nearest gap above the focus, or below it. */
export function growNearFocus(): void {
  const active = document.activeElement
  const file = active === null ? null : fileOf(active)
  if (active === null || file === null) return
  const gaps = [...file.querySelectorAll<HTMLElement>('[data-grow]')]
  const before = gaps.filter(
    (gap) => (active.compareDocumentPosition(gap) & Node.DOCUMENT_POSITION_PRECEDING) !== 0,
  )
  ;(before.at(-1) ?? gaps[0])?.click()
}

/** Moves the focus to the line above a remark. */
export function focusLineAbove(remark: HTMLElement): void {
  const lines = [...(fileOf(remark)?.querySelectorAll<HTMLElement>('[data-line]') ?? [])]
  const above = lines.filter(
    (line) => (remark.compareDocumentPosition(line) & Node.DOCUMENT_POSITION_PRECEDING) !== 0,
  )
  above.at(-1)?.focus({ preventScroll: true })
}

/** Opens a remark on the focused line. */
export function remarkOnFocus(): void {
  const active = document.activeElement
  if (active instanceof HTMLElement && active.dataset['line'] !== undefined) active.click()
}

/** @returns whether the focus is on a line */
export function isOnLine(): boolean {
  const active = document.activeElement
  return active instanceof HTMLElement && (active.matches(STOPS) || active.dataset['line'] !== undefined)
}
