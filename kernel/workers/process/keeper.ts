import { constants } from 'node:os'
import { readRegular } from '../../home/regular-file.ts'

/** How a worker ended: a code, or a signal such as 'SIGKILL', or both null when it was not seen. */
export interface WorkerExit {
  exit_code: number | null
  signal: string | null
}

/** `$0` of the two shells. */
export const KEEPER_NAME = 'runboard-keeper'
const WORKER_NAME = 'runboard-worker'

/**
 * How a keeper's command line begins. The tree walk recognises keepers by it, even where `ps` mangles line breaks.
 */
export const KEEPER_COMMAND = ['/bin/sh', '-c', `: ${KEEPER_NAME}`] as const

/**
 * The shell that becomes the worker. It prints its pid on fd 4 and waits for the line `go` on fd 3. If our end closes
 * first, we died before the pid was recorded, and it must not start a worker that the board does not know. `exec`
 * keeps pid and start time, so the recorded process is the worker itself. It sets no variable but `runboard_go`,
 * because a variable that comes from the environment is passed on to the worker. Must not contain a single quote (it
 * is quoted in KEEPER_SCRIPT).
 */
const WORKER_SCRIPT = `
exec 2>&5 5>&-
echo $$ >&4
exec 4>&-
IFS= read -r runboard_go <&3
if [ "$runboard_go" != go ]; then
  umask 077
  echo never_started >"$1"
  exit 125
fi
exec 3<&-
if [ -n "$2" ]; then ulimit -S -f "$2"; fi 2>/dev/null
shift 2
exec "$@"
`

/**
 * The keeper: called as `/bin/sh -c KEEPER_SCRIPT runboard-keeper EXIT_FILE FILE_LIMIT PROGRAM ARGS…`. It outlives us
 * and writes the worker's status to a file that a later process can read. Nothing is interpolated: everything comes
 * through "$@". FILE_LIMIT is the largest file that the worker may write (see fileLimit), in blocks of 512 bytes, or
 * empty.
 * - The trap does nothing, so that a signal to the group ends the worker and not its keeper. A caught signal, unlike
 * an ignored one, is reset to its default in children.
 * - The worker runs in the foreground: in the background a shell would ignore SIGINT for it and take its stdin away.
 * - The keeper's own stderr is closed and the worker gets the real one as fd 5, because shells print there how a
 * child died, script text included, and that is not the worker's output. (A redirection on the command would not
 * help: dash prints while it is in force.)
 * - What is at the status path before the status is written was put there by the worker: a link or a FIFO, which would
 * block, is removed, a folder is moved aside.
 * - The status is written in place and not renamed into it: a rename would start a program for each worker. A status
 * is complete when its line is (readExitFile).
 * - The status goes to fd 4 first, for a starter that still lives: it learns the status even if the disk is full.
 * - A status that cannot be written (a full or read-only disk) is retried each second, for a day or until its folder
 * is gone: once the starter has died it exists nowhere else.
 * - PATH belonged to the worker and may lead nowhere.
 */
export const KEEPER_SCRIPT = `${KEEPER_COMMAND[2]}
trap : TERM INT HUP QUIT
exec 5>&2 2>/dev/null
/bin/sh -c '${WORKER_SCRIPT}' ${WORKER_NAME} "$@"
runboard_status=$?
umask 077
PATH=/bin:/usr/bin:$PATH
trap "" PIPE
echo "$runboard_status" >&4
exec 4>&-
runboard_write() {
  if [ "$runboard_status" = 125 ] && [ -s "$1" ]; then return 0; fi
  if [ -e "$1" ] || [ -L "$1" ]; then rm -f "$1" || mv "$1" "$1.$$"; fi
  echo "$runboard_status" >"$1"
}
set -C
runboard_tries=0
until runboard_write "$1"; do
  runboard_tries=$((runboard_tries + 1))
  if [ "$runboard_tries" -gt 86400 ] || [ ! -d "\${1%/*}" ]; then break; fi
  sleep 1
done
exit "$runboard_status"
`

/**
 * Reads a shell's status: 128+n means signal n. A worker that itself exits with such a code looks the same; shells
 * cannot tell them apart, and agents do not use these codes.
 */
export function exitFromStatus(status: number): WorkerExit {
  const entry = Object.entries(constants.signals).find(([, number]) => number === status - 128)
  return entry ? { exit_code: null, signal: entry[0] } : { exit_code: status, signal: null }
}

/**
 * Reads the file that the keeper left. 'never_started': the starter died before it sent `go`, and no worker ran.
 * null: there is no status (yet): the worker runs, or its keeper was killed or could not write.
 */
export function readExitFile(path: string): WorkerExit | 'never_started' | null {
  let text: string
  try {
    text = readRegular(path, 100).toString('latin1')
  } catch {
    return null
  }
  if (text === 'never_started\n') return 'never_started'
  // Windows has statuses of 32 bits.
  return /^\d{1,10}\n$/.test(text) ? exitFromStatus(Number(text)) : null
}
