import type { Locator, Page } from '@playwright/test'

/** The open task, in the terms of its user. */
export class TaskDrawer {
  readonly page: Page
  readonly panel: Locator
  readonly verdict: Locator
  readonly history: Locator

  constructor(page: Page) {
    this.page = page
    this.panel = page.getByRole('complementary', { name: /^Task/ })
    this.verdict = this.panel.getByRole('region', { name: 'Where it stands' })
    this.history = this.panel.getByRole('region', { name: 'Run history' })
  }

  button(name: string): Locator {
    return this.panel.getByRole('button', { name, exact: true })
  }

  /** The rows of the visible runs, newest first. */
  get rows(): Locator {
    return this.history.getByRole('article')
  }

  /** The row of a run; a press opens or closes it. */
  head(attempt: number): Locator {
    return this.history.getByRole('button', { name: headName(attempt) })
  }

  run(attempt: number): Locator {
    return this.rows.filter({ has: this.page.getByRole('button', { name: headName(attempt) }) })
  }

  log(attempt: number): Locator {
    return this.panel.getByRole('region', { name: `Log of attempt ${attempt}` })
  }

  async tab(attempt: number, name: string | RegExp): Promise<Locator> {
    await this.run(attempt).getByRole('tab', { name }).click()
    return this.run(attempt).getByRole('tabpanel', { name })
  }

  /** Chooses from the menu of all actions on the task. */
  async choose(action: string): Promise<void> {
    await this.button('All actions').click()
    await this.page
      .getByRole('menu', { name: 'All actions' })
      .getByRole('menuitem', { name: action, exact: true })
      .click()
  }
}

function headName(attempt: number): RegExp {
  return new RegExp(`^#${attempt} `)
}
