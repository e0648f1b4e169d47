import {
  boardSettingsFields,
  type boardSettingsInput,
  type MergeMethod,
  OperationError,
} from '../../contract/index.ts'
import { isObject } from '../../formats/json.ts'

/** What `board.json` holds. */
export interface BoardFile {
  name: string
  icon: string | null
  color: string | null
  project_dir: string | null
  created_at: number
  max_running: number | null
  failure_limit: number | null
  stale_after_seconds: number | null
  /** How many runs may wait for an answer at once. */
  max_waiting: number | null
  default_workspace: string | null
  /** Planned tasks run without a person's acceptance. */
  accept_plans: boolean
  merge_method: MergeMethod
  /** A task waits until the work of its parents is merged. */
  wait_for_merge: boolean
}

type Settings = ReturnType<ReturnType<typeof boardSettingsInput>['parse']>

/** The settings given for a new board; the rest takes its defaults. */
export type MadeBoard = Partial<BoardFile> & Pick<BoardFile, 'name' | 'created_at'>

/** @returns the error for a board.json that cannot be read, with the reason */
export function unreadable(path: string, why: string, cause: unknown): OperationError {
  return new OperationError(
    'CONFLICT',
    `The settings ${path} cannot be read: ${why}. They were not changed. Fix the file, or move it away: the board then has the default settings, and “runboard boards set” changes them.`,
    { path },
    { cause },
  )
}

/**
 * @param path of board.json
 * @param text its content
 * @throws OperationError CONFLICT when it is not a JSON object
 */
export function parseBoardFile(path: string, text: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw unreadable(path, text.trim() === '' ? 'it is empty' : 'it is not valid JSON', error)
  }
  if (isObject(json)) return json
  throw unreadable(path, 'it does not hold a JSON object', undefined)
}

/** @returns the settings that board.json gives; the defaults for the rest */
export function fileOf(slug: string, json: Record<string, unknown>): BoardFile {
  const settings = usableSettings(json)
  return {
    name: settings.name ?? slug,
    icon: settings.icon ?? null,
    color: settings.color ?? null,
    project_dir: settings.project_dir ?? null,
    created_at: typeof json['created_at'] === 'number' ? json['created_at'] : 0,
    max_running: settings.max_running ?? null,
    failure_limit: settings.failure_limit ?? null,
    stale_after_seconds: settings.stale_after_seconds ?? null,
    max_waiting: settings.max_waiting ?? null,
    default_workspace: settings.default_workspace ?? null,
    accept_plans: settings.accept_plans ?? false,
    merge_method: settings.merge_method ?? 'merge',
    wait_for_merge: settings.wait_for_merge ?? false,
  }
}

/** @returns the settings of a missing board: all defaults */
export function defaultSettings(slug: string): BoardFile {
  return fileOf(slug, {})
}

/** The usable part of board.json: an invalid setting counts as not set, and does not affect others. */
function usableSettings(json: Record<string, unknown>): Settings {
  const usable = Object.entries(boardSettingsFields).flatMap(([key, schema]) => {
    // Not set, or not valid: its default applies in both cases.
    if (json[key] === undefined || json[key] === null) return []
    const parsed = schema().safeParse(json[key])
    return parsed.success && parsed.data !== undefined ? [[key, parsed.data]] : []
  })
  return Object.fromEntries(usable) as Settings
}
