import { parseMarkdown } from './markdown-parser.ts'

self.onmessage = ({ data }: MessageEvent<string>) => {
  self.postMessage(parseMarkdown(data))
}
