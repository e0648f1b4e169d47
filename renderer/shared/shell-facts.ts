/** What the desktop shell says of itself. */
export interface ShellFacts {
  readonly platform: string
  readonly version: string
  /** Installed, not run from its sources. */
  readonly packaged: boolean
  /** Whether an icon in the system's tray is seen. */
  readonly has_tray: boolean
  readonly versions: Readonly<Record<'electron' | 'chrome' | 'node', string>>
}

declare global {
  interface Window {
    /** Put there by the preload of the desktop shell; absent in a browser. */
    readonly runboardShell?: ShellFacts
  }
}
