/** How the sentence of a task begins whose run waits for an answer. A card shows the question without it. */
const WAITS_FOR_YOU = 'Waits for you: '

/** @param question the question, and how many more there are */
export function waitsForYou(question: string): string {
  return `${WAITS_FOR_YOU}${question}`
}

/** @returns the question in a sentence of `waitsForYou` */
export function askedIn(sentence: string): string {
  return sentence.startsWith(WAITS_FOR_YOU) ? sentence.slice(WAITS_FOR_YOU.length) : sentence
}
