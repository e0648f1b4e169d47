// Run by electron-builder once the app lies in its folder, before anything is signed: sets the fuses of its program.
// docs/security.md says why each stands as it does.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'

/** What each fuse is set to, by its name in FuseV1Options. */
export const FUSES = {
  /** The bundled command line, and so every worker that reports, runs in the app's own program. */
  RunAsNode: true,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  GrantFileProtocolExtraPrivileges: false,
}

/** The first Electron that has the fuse; the others are older than anything the app runs on. */
const SINCE = { GrantFileProtocolExtraPrivileges: 29 }

/** @returns the fuses that an Electron of that major version has */
export function fusesOf(major) {
  return Object.fromEntries(Object.entries(FUSES).filter(([name]) => major >= (SINCE[name] ?? 0)))
}

/** Where the program and its resources lie, by platform. */
function placesOf({ appOutDir, packager, electronPlatformName }) {
  const name = packager.appInfo.productFilename
  if (electronPlatformName === 'darwin') {
    const program = join(appOutDir, `${name}.app`)
    return { program, resources: join(program, 'Contents/Resources') }
  }
  const program = electronPlatformName === 'win32' ? `${name}.exe` : packager.executableName
  return { program: join(appOutDir, program), resources: join(appOutDir, 'resources') }
}

export default async function afterPack(context) {
  const { program, resources } = placesOf(context)
  // The page that a bare Electron shows. It is left over where the program does not come from a download.
  await rm(join(resources, 'default_app.asar'), { force: true })
  const fuses = fusesOf(Number.parseInt(context.packager.info.framework.version, 10))
  await flipFuses(program, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: context.electronPlatformName === 'darwin',
    ...Object.fromEntries(Object.entries(fuses).map(([name, on]) => [FuseV1Options[name], on])),
  })
}
