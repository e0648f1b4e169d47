/** How much of the output of a tool goes into the log, in characters. */
export const LONGEST_OUTPUT = 2_000

/** @returns the text; of a longer one its start and end, and how much is left out between them */
export function cutMiddle(text: string, longest: number): string {
  if (text.length <= longest) return text
  const head = Math.floor(longest * 0.6)
  const tail = longest - head
  return `${text.slice(0, head)}\n[${text.length - longest} characters are left out]\n${text.slice(-tail)}`
}
