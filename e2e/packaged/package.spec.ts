import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { findPackage } from '../find-package.ts'
import { environmentOf } from '../home.ts'
import { appFolder, expect, test } from './fixtures.ts'

const program = join(appFolder, 'runboard-desktop')

/** Total size of all files in a folder, in bytes. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0)
}

/** The byte of an enabled fuse in the program. */
const ON = '1'.charCodeAt(0)

test('the fuses have the intended values', async () => {
  const wire = await getCurrentFuseWire(program)
  const isOn = (fuse: FuseV1Options) => Number(wire[fuse]) === ON
  expect({
    run_as_node: isOn(FuseV1Options.RunAsNode),
    cookie_encryption: isOn(FuseV1Options.EnableCookieEncryption),
    node_options: isOn(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
    inspect: isOn(FuseV1Options.EnableNodeCliInspectArguments),
    asar_integrity: isOn(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
    only_from_asar: isOn(FuseV1Options.OnlyLoadAppFromAsar),
    // Absent from an Electron that is too old for it.
    file_privileges: isOn(FuseV1Options.GrantFileProtocolExtraPrivileges),
  }).toEqual({
    run_as_node: true,
    cookie_encryption: true,
    node_options: false,
    inspect: false,
    asar_integrity: true,
    only_from_asar: true,
    file_privileges: false,
  })
})

test('no debugger can attach, neither by a flag nor through the environment', async ({ home }) => {
  const child = spawn(program, ['--no-sandbox', '--disable-gpu', '--inspect=0'], {
    cwd: home.path,
    env: { ...environmentOf(home.path), NODE_OPTIONS: '--inspect=0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const dispatcher = () => home.cli.json<{ dispatcher: { who: string } }>('resume')
  // Node announces a debugger's address long before the app dispatches.
  await expect.poll(async () => (await dispatcher()).dispatcher.who).toBe('elsewhere')
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(said).not.toContain('Debugger listening')
})

test('it contains what it needs, and nothing for other platforms', () => {
  const files = listPackage(join(appFolder, 'resources/app.asar'), { isPack: false })
  const modules = files.filter((file) => /^\/node_modules\/[^/]+$/.test(file))
  expect(modules).toEqual(['/node_modules/better-sqlite3'])
  const foreign = files.filter(
    (file) => /prebuilds\/.+\.node$/.test(file) && !file.includes(`linux-${process.arch}`),
  )
  expect(foreign).toEqual([])
  expect(files.filter((file) => /\.(ts|svelte)$|^\/out\/(?!main\/).*\.map$/.test(file))).toEqual([])
  expect(readdirSync(join(appFolder, 'resources')).sort()).toEqual([
    'LICENSE.runboard.txt',
    'app-update.yml',
    'app.asar',
    'app.asar.unpacked',
    'bin',
    'docs',
  ])
  // Half is the main process with its source map, a third is the database library. A file added by mistake exceeds the limit.
  expect(sizeOf(join(appFolder, 'resources')) / 1e6).toBeLessThan(14)
})

const PACKAGES = [
  {
    kind: 'deb',
    unpack: (file: string, target: string) => execFileSync('dpkg-deb', ['-x', file, target]),
    /** Modes and paths of its files, as they will be installed. */
    list: (file: string) => execFileSync('dpkg-deb', ['-c', file], { encoding: 'utf8' }),
    zsh: 'zsh/vendor-completions/_runboard',
  },
  {
    kind: 'rpm',
    unpack: (file: string, target: string) => {
      mkdirSync(target, { recursive: true })
      const archive = execFileSync('rpm2cpio', [file], { maxBuffer: 1e9 })
      execFileSync('cpio', ['-idm', '--quiet'], { cwd: target, input: archive })
    },
    list: (file: string) => execFileSync('rpm', ['-qlvp', file], { encoding: 'utf8' }),
    zsh: 'zsh/site-functions/_runboard',
  },
] as const

for (const { kind, unpack, list, zsh } of PACKAGES) {
  test.describe(`the ${kind}, unpacked`, () => {
    const file = findPackage(kind)
    test.skip(file === null, 'none has been made')

    test.use({
      folder: async ({ boards: _ }, use, info) => {
        const target = info.outputPath('installed')
        unpack(file ?? '', target)
        await use(join(target, 'opt/Runboard'))
      },
    })

    test('starts, and its command on the PATH creates a task that is done', async ({
      folder,
      home,
      launch,
    }) => {
      const bin = join(folder, '../../usr/bin')
      expect(readlinkSync(join(bin, 'runboard'))).toBe('../../opt/Runboard/resources/bin/runboard')
      const env = environmentOf(home.path)
      const runboard = async (...words: string[]) =>
        (await promisify(execFile)(join(bin, 'runboard'), words, { env })).stdout.trimEnd()
      const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
      expect(await runboard('--version')).toBe(version)
      await home.addProfile('greeter', 'echo hello', '--completion', 'exit-code')
      const { board } = await launch()
      await runboard('create', 'Say hello', '--assignee', 'greeter')
      await expect(board.cardIn('Done', 'Say hello')).toBeVisible()
    })

    test('contains its desktop entry, its icons, its completions and the sandbox helper', ({ folder }) => {
      const share = join(folder, '../../usr/share')
      const entry = readFileSync(join(share, 'applications/runboard.desktop'), 'utf8')
      expect(entry).toContain('\nExec=/opt/Runboard/runboard-desktop %U\n')
      expect(entry).toContain('\nMimeType=x-scheme-handler/runboard;\n')
      for (const size of ['16x16', '48x48', '256x256', '512x512']) {
        expect(existsSync(join(share, `icons/hicolor/${size}/apps/runboard.png`))).toBe(true)
      }
      expect(readFileSync(join(share, 'bash-completion/completions/runboard'), 'utf8')).toContain('complete ')
      expect(readFileSync(join(share, zsh), 'utf8')).toContain('#compdef runboard')
      expect(readFileSync(join(folder, 'resources/package-type'), 'utf8')).toBe(kind)
      expect(list(file ?? '')).toMatch(/^-rwsr-xr-x .*\broot\b.*\/opt\/Runboard\/chrome-sandbox$/m)
    })
  })
}
