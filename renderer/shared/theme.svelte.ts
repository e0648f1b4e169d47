export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'runboard:theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')

/** Light or dark: the system's setting, or the user's choice for this window's profile. */
class ThemeChoice {
  choice = $state<Theme>(readChoice())

  constructor() {
    dark.addEventListener('change', () => this.#apply())
    this.#apply()
  }

  choose(theme: Theme): void {
    this.choice = theme
    localStorage.setItem(KEY, theme)
    this.#apply()
  }

  #apply(): void {
    const name = this.choice === 'system' ? (dark.matches ? 'dark' : 'light') : this.choice
    document.documentElement.dataset['theme'] = name
  }
}

function readChoice(): Theme {
  const stored = localStorage.getItem(KEY)
  return THEMES.find((theme) => theme === stored) ?? 'system'
}

export const theme = new ThemeChoice()
