/** Priorities that have a name. Any whole number is a priority: higher runs first. */
export const PRIORITIES = [
  { value: 20, name: 'Urgent' },
  { value: 10, name: 'High' },
  { value: 0, name: 'Normal' },
  { value: -10, name: 'Low' },
] as const

/** @returns `High`, or the number of a priority without a name */
export function priorityName(priority: number): string {
  return PRIORITIES.find(({ value }) => value === priority)?.name ?? String(priority)
}

/** @param text a name in any case, or a whole number; @returns null for anything else */
export function readPriority(text: string): number | null {
  const typed = text.trim().toLowerCase()
  const named = PRIORITIES.find(({ name }) => name.toLowerCase() === typed)
  if (named !== undefined) return named.value
  return /^[+-]?\d+$/.test(typed) && Number.isSafeInteger(Number(typed)) ? Number(typed) : null
}
