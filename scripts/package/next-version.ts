// What the test of an upgrade installs over this version: the same app under the next number, with one more migration.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPackageWithOptions, extractAll } from '@electron/asar'
import { inc } from 'semver'

/** Sorts after every real one. It changes nothing that a statement needs, and can be found in the schema. */
const MIGRATION = { name: '9999_next_version.sql', sql: 'CREATE INDEX next_version ON tasks (created_at);\n' }

/**
 * Replaces the archive of an app. Its files may be links to those of another app, which stays as it is.
 *
 * @param resources the folder that contains app.asar
 * @returns the number of the new version
 */
export async function makeNextVersion(resources: string): Promise<string> {
  const archive = join(resources, 'app.asar')
  const folder = join(resources, 'app')
  extractAll(archive, folder)
  const manifest = join(folder, 'package.json')
  const { version, ...rest } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  const next = inc(version, 'patch')
  if (next === null) throw new Error(`The version ${version} has no next one.`)
  writeFileSync(manifest, JSON.stringify({ ...rest, version: next }))
  writeFileSync(join(folder, 'migrations', MIGRATION.name), MIGRATION.sql)
  for (const old of [archive, `${archive}.unpacked`]) rmSync(old, { recursive: true })
  await createPackageWithOptions(folder, archive, { unpack: '*.node' })
  chmodSync(archive, 0o644)
  rmSync(folder, { recursive: true })
  return next
}
