import { expect, type Locator, type Page } from '@playwright/test'

export type ColumnName = 'Triage' | 'Todo' | 'Ready' | 'Running' | 'Review' | 'Blocked' | 'Done' | 'Archived'

/** The board, in the terms of its user. */
export class BoardPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  column(name: ColumnName): Locator {
    return this.page.getByRole('region', { name: new RegExp(`^${name}, \\d`) })
  }

  /** A card, in any column. */
  card(title: string): Locator {
    return cardIn(this.page, title)
  }

  cardIn(column: ColumnName, title: string): Locator {
    return cardIn(this.column(column), title)
  }

  /** All cards of a column, in order. */
  cardsIn(column: ColumnName): Locator {
    return this.column(column).getByRole('article')
  }

  /** The short message about what a verb did. */
  notice(text: string | RegExp): Locator {
    return this.page.getByRole('region', { name: 'Notices' }).getByRole('group', { name: text })
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name })
  }

  menu(name: string): Locator {
    return this.page.getByRole('menu', { name })
  }

  /** Presses one of the buttons that a card shows on hover. */
  async press(card: Locator, button: string): Promise<void> {
    await card.hover()
    await card.getByRole('button', { name: button, exact: true }).click()
  }

  /** Drags a card over a column, which may refuse it. */
  drag(card: Locator, name: ColumnName): Promise<void> {
    return this.dragOver(card, this.column(name))
  }

  /** Like `drag`, over a column or a lane. */
  async dragOver(card: Locator, column: Locator): Promise<void> {
    await card.hover()
    const from = await middleOf(card)
    await this.page.mouse.down()
    await this.page.mouse.move(from.x + 10, from.y + 10, { steps: 3 })
    await expect(column).toHaveAttribute('data-drop', /./)
    const isRefused = (await column.getAttribute('data-drop')) === 'shut'
    const to = await middleOf(column)
    await this.page.mouse.move(to.x, to.y, { steps: 5 })
    await expect(column).toHaveAttribute('data-drop', isRefused ? 'shut' : 'over')
    await this.page.mouse.up()
    await expect(column).not.toHaveAttribute('data-drop')
  }

  /** Drags a card over the upper or the lower half of another card of its column. */
  async dragBeside(card: Locator, other: Locator, edge: 'top' | 'bottom'): Promise<void> {
    await card.hover()
    const from = await middleOf(card)
    await this.page.mouse.down()
    await this.page.mouse.move(from.x + 10, from.y + 10, { steps: 3 })
    await expect(this.page.locator('[data-drop]').first()).toBeVisible() // the drag has begun
    const box = await other.boundingBox()
    if (box === null) throw new Error(`Not visible: ${other.toString()}`)
    const y = edge === 'top' ? box.y + 4 : box.y + box.height - 4
    const x = box.x + box.width / 2
    // The browser may drop the last of many moves, so the pointer keeps moving a little, as a hand does.
    await expect(async () => {
      await this.page.mouse.move(x - 6, y)
      await this.page.mouse.move(x, y, { steps: 3 })
      await expect(other).toHaveAttribute('data-edge', edge, { timeout: 500 })
    }).toPass()
    await this.page.mouse.up()
    await expect(other).not.toHaveAttribute('data-edge')
  }

  /** The titles of a column, from the top. */
  titlesIn(column: ColumnName): Promise<string[]> {
    return this.cardsIn(column).getByRole('heading').allTextContents()
  }

  /** Chooses from a card's menu. */
  async choose(title: string, action: string | RegExp): Promise<void> {
    await this.press(this.card(title), 'Actions')
    await this.menu('Actions').getByRole('menuitem', { name: action }).click()
  }
}

async function middleOf(place: Locator): Promise<{ x: number; y: number }> {
  const box = await place.boundingBox()
  if (box === null) throw new Error(`Not to be seen: ${place.toString()}`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

function cardIn(place: Page | Locator, title: string): Locator {
  return place.getByRole('article', { name: `${title}, ` })
}
