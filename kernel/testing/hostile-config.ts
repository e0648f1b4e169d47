/** Keys that would each change what a plain git prints, or make it run a program. */
export const HOSTILE: Record<string, string> = {
  'diff.suppressBlankEmpty': 'true',
  'diff.noprefix': 'true',
  'diff.mnemonicPrefix': 'true',
  'diff.external': 'false',
  'diff.renames': 'false',
  'diff.algorithm': 'patience',
  'diff.context': '0',
  'diff.interHunkContext': '50',
  'diff.orderFile': '/nowhere/order',
  'diff.relative': 'true',
  'diff.ignoreSubmodules': 'all',
  'diff.submodule': 'log',
  'diff.colorMoved': 'zebra',
  'diff.wsErrorHighlight': 'all',
  'color.ui': 'always',
  'color.diff': 'always',
  'color.status': 'always',
  'core.quotePath': 'true',
  'core.abbrev': '40',
  'core.pager': 'false',
  'core.fsmonitor': 'false-monitor',
  'log.showSignature': 'true',
  'log.date': 'relative',
  'log.decorate': 'full',
  'log.follow': 'true',
  'log.mailmap': 'true',
  'log.showRoot': 'false',
  'log.abbrevCommit': 'true',
  'status.short': 'true',
  'status.branch': 'true',
  'status.showStash': 'true',
  'status.relativePaths': 'false',
  'status.showUntrackedFiles': 'no',
  'status.renames': 'copies',
  'column.ui': 'always',
  'format.pretty': 'oneline',
  'i18n.logOutputEncoding': 'latin1',
  'submodule.recurse': 'true',
  'diff.x.textconv': 'false',
  'diff.x.command': 'false',
  'diff.x.binary': 'true',
  'filter.x.clean': 'false',
  'filter.x.required': 'true',
}

/** @returns the text of a configuration file */
export function asConfig(values: Record<string, string>): string {
  const sections = Object.entries(values).map(([key, value]) => {
    const [section = '', ...rest] = key.split('.')
    const name = rest.pop() ?? ''
    const sub = rest.length > 0 ? ` "${rest.join('.')}"` : ''
    return `[${section}${sub}]\n\t${name} = ${value}\n`
  })
  return sections.join('')
}
