// A process that is killed in the middle of a restore: `node restore-and-die.ts HOME BACKUP healthy|damaged STEP`.
import { join } from 'node:path'
import { readyBackup } from '../db/restore.ts'
import { replaceBoard } from '../upkeep/replace-board.ts'
import { replaceDamaged } from '../upkeep/restore.ts'

const [home = '', file = '', kind, step] = process.argv.slice(2)
const path = join(home, 'boards', 'test', 'board.db')
const now = Date.now()
const readied = readyBackup({ file, path, board_id: null, now })
const dieAt = (at: string) => {
  if (at === step) process.kill(process.pid, 'SIGKILL')
}
if (kind === 'damaged') replaceDamaged({ clock: () => now }, readied, path, dieAt)
else {
  const purpose = { kind: 'restore', from: file } as const
  replaceBoard({ slug: 'test', path, source: readied.path, purpose, actor: 'ada', now }, dieAt)
}
