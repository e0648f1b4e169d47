/** Pictures as PNG, by the length of their side in pixels. */
export type Pictures = ReadonlyMap<number, Buffer>

function pictureOf(pictures: Pictures, side: number): Buffer {
  const picture = pictures.get(side)
  if (picture === undefined) throw new Error(`There is no picture of ${side} pixels.`)
  return picture
}

const ICO_SIDES = [16, 24, 32, 48, 64, 128, 256]

/**
 * The icon file of Windows, with PNG pictures, which Windows reads since Vista: a header of 6 bytes, an entry of 16
 * bytes for each picture, then the pictures (learn.microsoft.com: ICONDIR, ICONDIRENTRY). All numbers are
 * little-endian.
 */
export function ico(pictures: Pictures): Buffer {
  const head = Buffer.alloc(6)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(ICO_SIDES.length, 4)
  let offset = head.length + 16 * ICO_SIDES.length
  const entries = ICO_SIDES.map((side) => {
    const { length } = pictureOf(pictures, side)
    const entry = Buffer.alloc(16)
    // One byte each: 256 is written as 0.
    entry.writeUInt8(side % 256, 0)
    entry.writeUInt8(side % 256, 1)
    entry.writeUInt16LE(1, 4)
    entry.writeUInt16LE(32, 6)
    entry.writeUInt32LE(length, 8)
    entry.writeUInt32LE(offset, 12)
    offset += length
    return entry
  })
  return Buffer.concat([head, ...entries, ...ICO_SIDES.map((side) => pictureOf(pictures, side))])
}

/** The types of pictures in a macOS icon file that may be PNG; the second type for a side is for double density. */
const ICNS_TYPES = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
] as const

/**
 * The icon file of macOS: `icns` and its length, then for each picture its type, its length including these 8 bytes,
 * and its data. All numbers are big-endian.
 */
export function icns(pictures: Pictures): Buffer {
  const block = (type: string, content: Buffer) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32BE(head.length + content.length, 4)
    return Buffer.concat([head, content])
  }
  const blocks = ICNS_TYPES.map(([type, side]) => block(type, pictureOf(pictures, side)))
  return block('icns', Buffer.concat(blocks))
}
