import Database from 'better-sqlite3'

/** Writes the smallest board of Hermes Agent: its table of tasks, with one in it. */
export function writeHermesFile(path: string): void {
  const db = new Database(path)
  db.exec(`CREATE TABLE tasks (id TEXT PRIMARY KEY, title TEXT, status TEXT, created_at INTEGER);
    INSERT INTO tasks VALUES ('t_0000abcd', 'From Hermes', 'ready', 1750000000)`)
  db.close()
}
