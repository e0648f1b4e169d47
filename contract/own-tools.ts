import { operationList } from './operations/index.ts'

/** The names of the tools of our MCP server, as the server itself calls them. */
export const OWN_TOOLS: ReadonlySet<string> = new Set(
  operationList.flatMap(([, { mcp }]) => (mcp === undefined ? [] : [mcp.tool])),
)

const OWN_NAME = /^mcp__runboard__(\w+)$/

/** @returns whether a tool’s name, as the rules of a profile write it, is exactly that of one of our tools */
export function isOwnTool(name: string): boolean {
  return OWN_TOOLS.has(OWN_NAME.exec(name)?.[1] ?? '')
}
