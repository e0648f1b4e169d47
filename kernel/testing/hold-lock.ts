// Another program's process that holds the write lock of a database: `node hold-lock.ts FILE MILLISECONDS`.
import Database from 'better-sqlite3'

const [file = '', ms = '0'] = process.argv.slice(2)
const db = new Database(file)
db.exec('BEGIN IMMEDIATE')
process.stdout.write('held\n')
setTimeout(() => {
  db.exec('COMMIT')
  db.close()
}, Number(ms))
