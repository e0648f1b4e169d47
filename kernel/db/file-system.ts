// eslint-disable-next-line n/no-unsupported-features/node-builtins -- in 18.15 too, without a flag
import { readFileSync, statfsSync } from 'node:fs'
import { OperationError } from '../../contract/index.ts'

/** The file system of a folder: the magic number of statfs(2), and the type's name if the number is ambiguous. */
export interface FileSystem {
  type: number
  name: string | null
}

/** Finds the file system of a folder; null if it cannot be known. */
export type FileSystemProbe = (folder: string) => FileSystem | null

const FUSE = 0x65735546

/**
 * Magic numbers of Linux (statfs(2), linux/magic.h) of file systems whose files other machines may open at the same
 * time.
 */
const NETWORK_TYPES = new Map<number, string>([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x786f4256, 'VirtualBox shared folder'],
  [0xbacbacbc, 'VMware shared folder'],
])

/** FUSE file systems can only be told apart by name: many of them are local disks. */
const NETWORK_FUSE =
  /^fuse\.(sshfs|s3fs|s3ql|goofys|gcsfuse|rclone|davfs2?|glusterfs|ceph(-fuse)?|juicefs|curlftpfs|smbnetfs|gvfsd-fuse|mergerfs-nfs|moosefs|lizardfs|seaweedfs|blobfuse2?|vmhgfs-fuse|prl_fsd)$/

/** The type's name of the mount that holds a folder: the last one listed whose mount point is the longest prefix. */
function mountedType(folder: string): string | null {
  try {
    let best: { point: string; type: string } | null = null
    for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
      const [left = '', right = ''] = line.split(' - ')
      const point = (left.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, digits: string) =>
        String.fromCharCode(parseInt(digits, 8)),
      )
      const holds = point !== '' && (folder === point || folder.startsWith(point === '/' ? '/' : `${point}/`))
      if (holds && point.length >= (best?.point.length ?? 0))
        best = { point, type: right.split(' ')[0] ?? '' }
    }
    return best?.type ?? null
  } catch {
    // Without /proc only the number is known.
    return null
  }
}

/** Asks the system. Linux only: elsewhere statfs has no usable number; on Windows the path itself shows it. */
export const probeFileSystem: FileSystemProbe = (folder) => {
  if (process.platform === 'win32')
    return folder.startsWith('\\\\') ? { type: 0, name: 'network share' } : null
  if (process.platform !== 'linux') return null
  const type = Number(statfsSync(folder, { bigint: true }).type) >>> 0
  return { type, name: type === FUSE ? mountedType(folder) : null }
}

function networkNameOf({ type, name }: FileSystem): string | null {
  if (type === 0) return name
  if (type === FUSE) return name !== null && NETWORK_FUSE.test(name) ? name : null
  return NETWORK_TYPES.get(type) ?? null
}

/**
 * Refuses a folder on a network file system: the locks and the shared memory that several processes on one board need
 * do not work there, and boards have been lost that way.
 *
 * @param folder absolute and existing
 * @throws OperationError CONFLICT
 */
export function refuseNetworkFileSystem(folder: string, probe: FileSystemProbe = probeFileSystem): void {
  const found = probe(folder)
  const name = found === null ? null : networkNameOf(found)
  if (name === null) return
  throw new OperationError(
    'CONFLICT',
    `${folder} is on a network file system (${name}), where a board is not safe. Set RUNBOARD_HOME to a folder on a local disk.`,
    { path: folder, file_system: name },
  )
}
