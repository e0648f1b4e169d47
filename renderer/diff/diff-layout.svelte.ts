export const LAYOUTS = ['unified', 'split'] as const
export type DiffLayout = (typeof LAYOUTS)[number]

const KEY = 'runboard:diff-layout'

/** Whether before and after stand below or beside each other: the user's choice for this window's profile. */
class LayoutChoice {
  choice = $state<DiffLayout>(stored())

  choose(layout: DiffLayout): void {
    this.choice = layout
    localStorage.setItem(KEY, layout)
  }

  toggle(): void {
    this.choose(this.choice === 'split' ? 'unified' : 'split')
  }
}

function stored(): DiffLayout {
  const kept = localStorage.getItem(KEY)
  return LAYOUTS.find((layout) => layout === kept) ?? 'unified'
}

export const diffLayout = new LayoutChoice()
