/** Unsent texts, stored on this machine so that a reload loses nothing. */

const PREFIX = 'runboard:draft:'

/** @returns the stored value, or null; the caller checks its shape */
export function keptDraft(key: string): unknown {
  const kept = localStorage.getItem(PREFIX + key)
  if (kept === null) return null
  try {
    return JSON.parse(kept)
  } catch {
    localStorage.removeItem(PREFIX + key) // not our format, or from another version
    return null
  }
}

/**
 * @param draft null removes it
 * @returns whether it is stored; false when the storage is full
 */
export function keepDraft(key: string, draft: unknown): boolean {
  try {
    if (draft === null) localStorage.removeItem(PREFIX + key)
    else localStorage.setItem(PREFIX + key, JSON.stringify(draft))
    return true
  } catch (error) {
    // The storage is full. The window still has the text, and an older one must not come back in its place.
    localStorage.removeItem(PREFIX + key)
    console.warn(
      'Drafts cannot be saved: the browser’s storage is full. They are lost when this window closes',
      error,
    )
    return false
  }
}
