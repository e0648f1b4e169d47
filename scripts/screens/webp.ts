import type { Page } from '@playwright/test'

/** From this quality, text looks the same as in the PNG; a lossless file is twice as large. */
const QUALITY = 0.9

/**
 * Playwright writes PNG and JPEG only; the browser itself also encodes WebP.
 *
 * @param page any page that runs scripts
 * @returns the picture as WebP
 */
export async function toWebp(page: Page, png: Buffer, quality = QUALITY): Promise<Buffer> {
  const encoded = await page.evaluate(encode, [png.toString('base64'), quality] as const)
  return Buffer.from(encoded, 'base64')
}

/** Runs in the page. */
async function encode([base64, quality]: readonly [string, number]): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  canvas.getContext('2d')?.drawImage(picture, 0, 0)
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality })
  if (webp.type !== 'image/webp') throw new Error('This browser does not write WebP.')
  let text = ''
  for (const byte of new Uint8Array(await webp.arrayBuffer())) text += String.fromCharCode(byte)
  return btoa(text)
}
