import type { Locator, Page } from '@playwright/test'
import type { Home } from './home.ts'

/** Adds a profile whose worker asks for a colour, then for an owner, and completes with both answers. */
export async function addAsker(home: Home, name = 'asker'): Promise<void> {
  const line = [
    'A=$(runboard ask "Which colour?" --option "red, dark" --option blue)',
    'B=$(runboard ask "Whose door is it?")',
    'runboard complete --summary "$A for $B"',
  ].join('; ')
  await home.addProfile(name, line)
}

/** @returns the entry of a task among the questions of the inbox */
export function questionOf(page: Page, title: string): Locator {
  return page
    .getByRole('region', { name: 'Questions', exact: true })
    .getByRole('group', { name: title, exact: true })
}
