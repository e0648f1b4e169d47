import type { TrayState } from './overview.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** Grey that is seen on a light panel and on a dark one. */
const GLYPH: Colour = [128, 134, 146]
const WHITE: Colour = [255, 255, 255]
const BADGE: Record<TrayState, Colour | null> = {
  error: [214, 48, 49],
  needs_you: [217, 119, 6],
  running: [37, 99, 235],
  idle: null,
}

/** Digits of three by five points, a row a number; the last one is a plus, for ten and more. */
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

/** Side of the icon in points; a point is `scale` pixels. */
export const ICON_POINTS = 22

/** A square picture, four bytes a pixel: blue, green, red, alpha, as nativeImage.createFromBitmap takes it. */
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

/** Three columns of a board. */
function drawGlyph(bitmap: Bitmap): void {
  bitmap.fill(2, 3, 5, 16, GLYPH)
  bitmap.fill(9, 3, 5, 10, GLYPH)
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

/**
 * @param count what needs a look; drawn as a digit, `+` from ten on
 * @param scale pixels a point
 * @returns the pixels of the icon, ICON_POINTS × scale wide and high
 */
export function drawTrayIcon(state: TrayState, count: number, scale: number): Buffer {
  const bitmap = new Bitmap(scale)
  drawGlyph(bitmap)
  const colour = BADGE[state]
  if (colour !== null) drawBadge(bitmap, colour, count)
  return bitmap.pixels
}
