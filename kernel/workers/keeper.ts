import { constants } from 'node:os'
import { readRegular } from './regular-file.ts'

/** How a worker ended: a code, or a signal such as 'SIGKILL', or both null when nobody saw it. */
export interface WorkerExit {
  exit_code: number | null
  signal: string | null
}

/** `$0` of the two shells. */
export const KEEPER_NAME = 'runboard-keeper'
const WORKER_NAME = 'runboard-worker'

/** How a keeper's command line begins: the tree walk tells keepers by it, also where `ps` mangles line breaks. */
export const KEEPER_COMMAND = ['/bin/sh', '-c', `: ${KEEPER_NAME}`] as const

/**
 * The shell that becomes the worker. It says its pid on fd 4 and waits for the line `go` on fd 3. If our end closes
 * first, we died before the pid was recorded: then it must not start a worker that nobody knows. `exec` keeps pid and
 * start time, so what was recorded is the worker itself. No variable but `runboard_go` is set, because a variable
 * that comes from the environment goes on to the worker. May hold no single quote (it is quoted in KEEPER_SCRIPT).
 */
const WORKER_SCRIPT = `
exec 2>&5 5>&-
echo $$ >&4
exec 4>&-
IFS= read -r runboard_go <&3
if [ "$runboard_go" != go ]; then
  umask 077
  echo never_started >"$1.tmp"
  exit 125
fi
exec 3<&-
if [ -n "$2" ]; then ulimit -S -f "$2"; fi 2>/dev/null
shift 2
exec "$@"
`

/**
 * The keeper: called as `/bin/sh -c KEEPER_SCRIPT runboard-keeper EXIT_FILE FILE_LIMIT PROGRAM ARGS…`. It outlives us and
 * writes the worker's status where whoever comes later can read it. Nothing is interpolated: all comes by "$@". FILE_LIMIT
 * is the largest file that the worker may write (see fileLimit), in blocks of 512 bytes, or empty.
 *
 * - The trap does nothing, so that a signal to the group ends the worker and not its keeper. A caught signal, unlike
 *   an ignored one, is back to its default in children.
 * - The worker runs in the foreground: in the background a shell would ignore SIGINT for it and take its stdin away.
 * - The keeper's own stderr is shut and the worker gets the real one by fd 5, because shells print there how a child
 *   died, script text and all, and that is not the worker's output. (A redirection on the command would not do: dash
 *   prints while it is in force.)
 * - What lies at the name of the status before it is written was put there by the worker (a link, a FIFO that would block).
 * - The status goes to fd 4 first, for a starter that still lives: where the disk is full, it is known all the same.
 * - A status that cannot be written (a full or read-only disk) is tried again each second, for a day or until its folder is
 *   gone: it exists nowhere else once the starter has died.
 * - Rename last: a reader sees no status or all of it. PATH was the worker's and may lead nowhere.
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
  if [ "$runboard_status" != 125 ] || [ ! -s "$1.tmp" ]; then
    if [ -e "$1.tmp" ] || [ -L "$1.tmp" ]; then rm -f "$1.tmp"; fi
    echo "$runboard_status" >"$1.tmp" || return 1
  fi
  mv -f "$1.tmp" "$1"
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
 * Reads a shell's status: 128+n means signal n. A worker that itself exits with such a code reads the same; shells
 * give no way to tell, and agents do not use these codes.
 */
export function exitFromStatus(status: number): WorkerExit {
  const entry = Object.entries(constants.signals).find(([, number]) => number === status - 128)
  return entry ? { exit_code: null, signal: entry[0] } : { exit_code: status, signal: null }
}

/**
 * Reads what the keeper left behind. 'never_started': the starter went away before it said go, and no worker ran.
 * null: there is no status (yet): the worker runs, or its keeper was killed or could not write.
 */
export function readExitFile(path: string): WorkerExit | 'never_started' | null {
  let text: string
  try {
    text = readRegular(path, 100).toString('latin1').trim()
  } catch {
    return null
  }
  if (text === 'never_started') return 'never_started'
  return /^\d{1,3}$/.test(text) ? exitFromStatus(Number(text)) : null
}
