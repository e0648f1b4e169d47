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

/** A request for a path, which the user chooses in the system's dialog. */
export interface PickRequest {
  readonly kind: 'folder' | 'file' | 'save'
  readonly title: string
  /** The path at which the dialog starts; null lets the system choose. */
  readonly start: string | null
}

declare global {
  interface Window {
    /** Set by the preload of the desktop shell; absent in a browser. */
    readonly runboardShell?: ShellFacts & {
      /** @returns null if the user chose nothing */
      readonly pickPath: (request: PickRequest) => Promise<string | null>
    }
  }
}
