/** A link or image; the lengths bound the search, because workers write the text. */
const LINK = /!?\[([^\][\n]{0,300})\]\([^()\s]{0,500}\)/g
const MARKS =
  /^[ \t]{0,8}(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?)|`{1,3}|\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~/gm

/** @returns Markdown without its marks, for places without room for headings and lists: links become their text */
export function withoutMarks(text: string): string {
  return text.replace(LINK, '$1').replace(MARKS, '')
}
