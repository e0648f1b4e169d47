import { checksumOf, migrations } from '../../kernel/db/migrate.ts'

/** @returns migrations/checksums.json: the checksum of each migration, by its name */
export function migrationChecksums(): string {
  const entries = migrations().map(({ name, sql }) => [name, checksumOf(sql)])
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`
}
