import type { Locator, Page } from '@playwright/test'

/**
 * Does the steps of a user and counts them. A click and a key press are one step each; typing a text of any length is one
 * step. The test of a journey limits the number of steps, so that no journey gets longer unnoticed.
 */
export class Steps {
  count = 0
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async click(target: Locator, modifiers: ('Control' | 'Shift')[] = []): Promise<void> {
    this.count++
    await target.click({ modifiers })
  }

  /** Chooses from a list by mouse: one click opens it, one chooses. */
  async choose(list: Locator, option: string): Promise<void> {
    this.count += 2
    await list.selectOption(option)
  }

  /** Clicks a field and types into it. */
  async fill(field: Locator, text: string): Promise<void> {
    this.count += 2
    await field.fill(text)
  }

  /** Presses each of these keys. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.count++
      await this.page.keyboard.press(key)
    }
  }

  /** Types where the focus is. */
  async type(text: string): Promise<void> {
    this.count++
    await this.page.keyboard.type(text)
  }

  /** Presses a key until the element has the focus, as a user does who sees the focus move. */
  async pressUntil(key: string, target: Locator, most = 40): Promise<void> {
    await target.waitFor()
    for (let pressed = 0; pressed <= most; pressed++) {
      if (await target.evaluate((element) => element === document.activeElement)) return
      await this.press(key)
    }
    throw new Error(`${key} does not lead to ${target.toString()}`)
  }
}
