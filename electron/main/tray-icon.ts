import type { TrayState } from './overview.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** Grey that is visible on light and dark panels. */
const GLYPH: Colour = [128, 134, 146]
const WHITE: Colour = [255, 255, 255]
const BADGE: Record<TrayState, Colour | null> = {
  error: [214, 48, 49],
  needs_you: [217, 119, 6],
  running: [37, 99, 235],
  idle: null,
}

/** Digits of three by five points, one number per row; the last is a plus sign, for ten and more. */
const DIGITS = [
  [7, 5, 5, 5, 7],
  [2, 6, 2, 2, 7],
  [7, 1, 7, 4, 7],
  [7, 1, 3, 1, 7],
  [5, 5, 7, 1, 1],
  [7, 4, 7, 1, 7],
  [7, 4, 7, 5, 7],
  [7, 1, 2, 2, 2],
  [7, 5, 7, 5, 7],
  [7, 5, 7, 1, 7],
  [0, 2, 7, 2, 0],
] as const

/** Side of the icon in points; a point is `scale` pixels wide. */
export const ICON_POINTS = 22

/** A square picture with four bytes per pixel: blue, green, red, alpha, as nativeImage.createFromBitmap takes it. */
class Bitmap {
  readonly pixels: Buffer
  readonly #scale: number

  constructor(scale: number) {
    this.#scale = scale
    this.pixels = Buffer.alloc((ICON_POINTS * scale) ** 2 * 4)
  }

  fill(left: number, top: number, width: number, height: number, [red, green, blue]: Colour): void {
    const scale = this.#scale
    const side = ICON_POINTS * scale
    for (let y = top * scale; y < (top + height) * scale; y++) {
      for (let x = left * scale; x < (left + width) * scale; x++) {
        this.pixels.set([blue, green, red, 255], (y * side + x) * 4)
      }
    }
  }
}

/** Three columns of a board, as in the logo. */
function drawGlyph(bitmap: Bitmap): void {
  bitmap.fill(2, 3, 5, 10, GLYPH)
  bitmap.fill(9, 3, 5, 16, GLYPH)
  bitmap.fill(16, 3, 4, 6, GLYPH)
}

function drawBadge(bitmap: Bitmap, colour: Colour, count: number): void {
  bitmap.fill(11, 10, 10, 12, colour)
  bitmap.fill(10, 11, 12, 10, colour)
  if (count === 0) return
  const rows = DIGITS[Math.min(count, 10)] ?? DIGITS[10]
  rows.forEach((row, y) => {
    for (let x = 0; x < 3; x++) {
      if ((row & (4 >> x)) !== 0) bitmap.fill(13 + 2 * x, 11 + 2 * y, 2, 2, WHITE)
    }
  })
}

/** One representation of the icon for the system: shown at one scale, drawn at another and reduced. */
export interface TrayPicture {
  scale_factor: number
  /** In pixels. */
  side: number
  /** The scale for `drawTrayIcon`. */
  drawn_at: number
}

/** The side of an icon in points, and the scales of screens, by platform; others use Linux's. */
const SIZES: Partial<Record<NodeJS.Platform, { points: number; scales: readonly number[] }>> = {
  // learn.microsoft.com: small icons are 16 pixels wide at 100 %, 32 at 200 %.
  win32: { points: 16, scales: [1, 1.25, 1.5, 2] },
  // developer.apple.com: a square menu bar extra has at most 18 points.
  darwin: { points: 18, scales: [1, 2] },
}
const USUAL_SIZES = { points: ICON_POINTS, scales: [1, 2] }

/** @returns all representations of the icon for a platform */
export function trayPictures(platform: NodeJS.Platform): TrayPicture[] {
  const { points, scales } = SIZES[platform] ?? USUAL_SIZES
  return scales.map((scale_factor) => {
    const side = points * scale_factor
    return { scale_factor, side, drawn_at: side % ICON_POINTS === 0 ? side / ICON_POINTS : 4 }
  })
}

/**
 * @param count of tasks to look at; drawn as a digit, or `+` from ten
 * @param scale pixels per point
 * @returns the pixels of the icon, ICON_POINTS × scale wide and high
 */
export function drawTrayIcon(state: TrayState, count: number, scale: number): Buffer {
  const bitmap = new Bitmap(scale)
  drawGlyph(bitmap)
  const colour = BADGE[state]
  if (colour !== null) drawBadge(bitmap, colour, count)
  return bitmap.pixels
}
