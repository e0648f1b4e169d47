import type { Component } from 'svelte'
import type { TaskStatus } from '../../contract/states.ts'

export type IconComponent = Component<{ size?: number | string; strokeWidth?: number | string }>

export interface MenuItem {
  label: string
  icon?: IconComponent
  /** The mark of a status, in place of an icon. */
  mark?: TaskStatus
  keys?: string | undefined
  hint?: string | undefined
  danger?: boolean
  /** Why it cannot be used now; it is shown as disabled, with this below. */
  refused?: string | null
  checked?: boolean
  run: () => unknown
}

/** A separator, or the heading of a group. */
export type MenuEntry = MenuItem | { heading: string } | 'line'
