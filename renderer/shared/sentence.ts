/** @returns a phrase as a sentence, with a capital letter and a full stop */
export function asSentence(phrase: string): string {
  const text = phrase.trim()
  if (text === '') return ''
  const ended = /[.!?…]$/.test(text) ? text : `${text}.`
  return ended.charAt(0).toUpperCase() + ended.slice(1)
}
