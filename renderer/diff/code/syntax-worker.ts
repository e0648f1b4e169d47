import type { ColourQuestion } from './colours.ts'
import { tokensOf } from './syntax.ts'

self.onmessage = async ({ data: { lines, language } }: MessageEvent<ColourQuestion>) => {
  const tokens = await tokensOf(lines, language)
  self.postMessage(tokens.map((line) => JSON.stringify(line)))
}
