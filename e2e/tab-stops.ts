import type { ElementHandle, Locator, Page } from '@playwright/test'

/** The roles of interactive elements in the accessibility tree. */
const ROLES = [
  'button',
  'checkbox',
  'combobox',
  'link',
  'radio',
  'searchbox',
  'slider',
  'spinbutton',
  'switch',
  'tab',
  'textbox',
] as const

const MOST_STOPS = 150

/**
 * An element as a test prints it: its index among all elements of the root, and its text. Null when it is outside the
 * root.
 */
async function nameIn(root: ElementHandle<Element>, element: ElementHandle | null): Promise<string | null> {
  if (element === null) return null
  return root.evaluate((of, one) => {
    if (!(one instanceof HTMLElement) || !of.contains(one)) return null
    const words = one.getAttribute('aria-label') ?? one.closest('label')?.textContent ?? one.textContent
    const place = [...of.querySelectorAll('*')].indexOf(one)
    return `${String(place).padStart(5)} ${one.tagName} ${words.trim().replace(/\s+/g, ' ').slice(0, 40)}`
  }, element)
}

async function handleOf(root: Locator): Promise<ElementHandle<Element>> {
  return await root.elementHandle()
}

/** @returns every control of the root in the accessibility tree, except those reached by arrow keys, in order */
export async function controlsOf(root: Locator): Promise<string[]> {
  const holder = await handleOf(root)
  const found = new Set<string>()
  for (const role of ROLES) {
    for (const control of await root.getByRole(role).all()) {
      const isStop = await control.evaluate(
        (element) =>
          element instanceof HTMLElement &&
          element.tabIndex >= 0 &&
          !element.matches(':disabled, [type="radio"]:not(:checked)'),
      )
      const element = await control.elementHandle()
      const name = isStop ? await nameIn(holder, element) : null
      if (name !== null) found.add(name)
    }
  }
  return [...found].sort()
}

/** @returns every place in the root at which Tab stops, until one repeats */
export async function tabStopsOf(page: Page, root: Locator): Promise<string[]> {
  const holder = await handleOf(root)
  const stops: string[] = []
  for (let pressed = 0; pressed < MOST_STOPS; pressed++) {
    const active = await page.evaluateHandle(() => document.activeElement)
    const stop = await nameIn(holder, active.asElement())
    if (stop !== null && stops.includes(stop)) break
    if (stop !== null) stops.push(stop)
    await page.keyboard.press('Tab')
  }
  return stops
}
