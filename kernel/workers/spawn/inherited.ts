import { existsSync } from 'node:fs'

/**
 * Closes the descriptors that a process inherited beyond its own five, then becomes the given command. Uses bash,
 * because dash cannot close descriptors above 9. It keeps the pid, and the command line that others see is the
 * command's.
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
 * Chromium keeps sockets, pipes and lock files open without the close-on-exec flag (about forty, seen with Electron
 * 25 on Linux). A worker that inherits them holds them open for its lifetime, so a process that waits for the app's
 * output would wait for the workers too.
 *
 * @param command the command, which uses descriptors 0 to 4
 * @param isElectron whether this process is one of Chromium's
 * @returns the command that first closes all other descriptors, if that is needed and bash exists; else the command
 *   unchanged
 */
export function withoutInherited(
  command: CommandLine,
  isElectron: boolean = process.versions['electron'] !== undefined,
): CommandLine {
  if (!isElectron || process.platform !== 'linux' || !existsSync(BASH)) return command
  return { file: BASH, args: ['-c', CLOSE_SCRIPT, 'runboard-close', command.file, ...command.args] }
}
