import { existsSync } from 'node:fs'

/**
 * Closes the descriptors that a process inherited beyond its own, then becomes the given command. The first argument is
 * the number of its own. Uses bash, because dash cannot close descriptors above 9. It keeps the pid, and the command
 * line that others see is the command's.
 */
const CLOSE_SCRIPT = `
runboard_own=$1
shift
for runboard_path in /proc/$$/fd/*; do
  runboard_fd=\${runboard_path##*/}
  if [ "$runboard_fd" -ge "$runboard_own" ] && [ "$runboard_fd" != 255 ]; then eval "exec $runboard_fd>&-"; fi
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
 * @param command the command
 * @param own how many descriptors it uses, from 0 on
 * @param isElectron whether this process is one of Chromium's
 * @returns the command that first closes all other descriptors, if that is needed and bash exists; else the command
 *   unchanged
 */
export function withoutInherited(
  command: CommandLine,
  own: number,
  isElectron: boolean = process.versions['electron'] !== undefined,
): CommandLine {
  if (!isElectron || process.platform !== 'linux' || !existsSync(BASH)) return command
  return {
    file: BASH,
    args: ['-c', CLOSE_SCRIPT, 'runboard-close', String(own), command.file, ...command.args],
  }
}
