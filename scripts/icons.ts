// `npm run icons`: draws the app's icons in every size and for every platform, from build/icon.svg.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { findBrowser } from '../e2e/find-browser.ts'
import { icns, ico } from './icons/containers.ts'

const build = join(import.meta.dirname, '../build')
const SIZES = [16, 22, 24, 32, 48, 64, 128, 256, 512, 1024]

/** @returns the picture as PNG, by the length of its side in pixels */
async function draw(svg: string): Promise<Map<number, Buffer>> {
  const { executablePath, args } = await findBrowser()
  const browser = await chromium.launch({ executablePath, args })
  try {
    const page = await browser.newPage()
    const pictures = new Map<number, Buffer>()
    for (const size of SIZES) {
      await page.setViewportSize({ width: size, height: size })
      const sized = svg.replace('<svg ', `<svg width="${size}" height="${size}" `)
      await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${sized}`)
      pictures.set(size, await page.screenshot({ omitBackground: true }))
    }
    return pictures
  } finally {
    await browser.close()
  }
}

const pictures = await draw(readFileSync(join(build, 'icon.svg'), 'utf8'))
const folder = join(build, 'icons')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const [size, png] of pictures) {
  if (size <= 512) writeFileSync(join(folder, `${size}x${size}.png`), png)
}
writeFileSync(join(build, 'icon.png'), pictures.get(1024) ?? '')
writeFileSync(join(build, 'icon.ico'), ico(pictures))
writeFileSync(join(build, 'icon.icns'), icns(pictures))
