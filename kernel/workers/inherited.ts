import { existsSync } from 'node:fs'

/**
 * Closes what a process was handed beyond its own five descriptors, then becomes the command it is given. bash, because
 * dash closes no descriptor above 9. Its pid, and the command line that others see, are the command's.
 */
const CLOSE_SCRIPT = `
for runboard_path in /proc/$$/fd/*; do
  runboard_fd=\${runboard_path##*/}
  case $runboard_fd in 0 | 1 | 2 | 3 | 4 | 255) ;; *) eval "exec $runboard_fd>&-" ;; esac
done
exec "$@"
`

const BASH = '/bin/bash'

export interface CommandLine {
  file: string
  args: string[]
}

/**
 * Chromium keeps sockets, pipes and lock files open without the close-on-exec mark (seen with Electron 25 on Linux: about
 * forty). A worker that inherits them keeps them open for as long as it lives, and whoever waits for the app's output
 * waits for the workers too.
 *
 * @param command the command, which uses descriptors 0 to 4
 * @param isElectron whether this process is one of Chromium's
 * @returns the command that drops all other descriptors first, where that is needed and bash is there; else as it is
 */
export function withoutInherited(
  command: CommandLine,
  isElectron: boolean = process.versions['electron'] !== undefined,
): CommandLine {
  if (!isElectron || process.platform !== 'linux' || !existsSync(BASH)) return command
  return { file: BASH, args: ['-c', CLOSE_SCRIPT, 'runboard-close', command.file, ...command.args] }
}
