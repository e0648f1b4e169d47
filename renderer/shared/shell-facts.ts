/** Facts about the desktop shell. */
export interface ShellFacts {
  readonly platform: string
  readonly version: string
  /** Installed, not run from its sources. */
  readonly packaged: boolean
  /** Whether the system shows a tray icon. */
  readonly has_tray: boolean
  readonly versions: Readonly<Record<'electron' | 'chrome' | 'node', string>>
}

declare global {
  interface Window {
    /** Set by the preload of the desktop shell; absent in a browser. */
    readonly runboardShell?: ShellFacts
  }
}
