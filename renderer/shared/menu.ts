import type { Component } from 'svelte'
import type { TaskStatus } from '../../contract/states.ts'

export type IconComponent = Component<{ size?: number | string; strokeWidth?: number | string }>

export interface MenuItem {
  label: string
  icon?: IconComponent
  /** A status by its mark, where an icon would stand. */
  mark?: TaskStatus
  keys?: string | undefined
  hint?: string | undefined
  danger?: boolean
  /** Why it cannot be used now; it is shown, disabled, with this below it. */
  refused?: string | null
  checked?: boolean
  run: () => unknown
}

/** A line between groups, or a group's heading. */
export type MenuEntry = MenuItem | { heading: string } | 'line'
