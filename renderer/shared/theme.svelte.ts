import { KeptChoice } from './kept-choice.svelte.ts'

type Theme = 'system' | 'light' | 'dark'

const dark = window.matchMedia('(prefers-color-scheme: dark)')

/** Light or dark: the system's setting, or the user's choice for this window's profile. */
class ThemeChoice extends KeptChoice<Theme> {
  constructor() {
    super('runboard:theme', ['system', 'light', 'dark'])
    dark.addEventListener('change', () => this.#apply())
    this.#apply()
  }

  override choose(theme: Theme): void {
    super.choose(theme)
    this.#apply()
  }

  #apply(): void {
    const name = this.choice === 'system' ? (dark.matches ? 'dark' : 'light') : this.choice
    document.documentElement.dataset['theme'] = name
  }
}

export const theme = new ThemeChoice()
