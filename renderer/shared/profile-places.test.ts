import { describe, expect, it } from 'vitest'
import { placesOf, PROFILE_COLORS } from './profile-places.ts'

const names = (count: number) => Array.from({ length: count }, (_, index) => `profile-${index}`)

/** The distance of two colours in OKLab: 0.02 is just visible, 0.1 is clearly another colour. */
function distance(a: number, b: number): number {
  const [one, other] = [a, b].map((place) => {
    const [lightness, chroma, hue] = PROFILE_COLORS[place]!
    const angle = (hue * Math.PI) / 180
    return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)]
  }) as [number[], number[]]
  return Math.hypot(...one.map((value, index) => value - other[index]!))
}

describe('the colours of profiles', () => {
  it('are all different for ten profiles, however alike their names', () => {
    expect(new Set(placesOf(names(10)).values()).size).toBe(10)
  })

  it('are far apart from each other', () => {
    for (const a of PROFILE_COLORS.keys()) {
      for (const b of PROFILE_COLORS.keys()) if (a !== b) expect(distance(a, b)).toBeGreaterThan(0.1)
    }
  })

  it('are not neighbours in the list while there is room', () => {
    const places = [...placesOf(['claude', 'codex', 'gemini']).values()].sort((a, b) => a - b)
    expect(places.every((place, index) => index === 0 || place - places[index - 1]! > 1)).toBe(true)
  })

  it('are never red or amber, which mean failed and needs you', () => {
    for (const [lightness, chroma, hue] of PROFILE_COLORS) {
      const isWarm = hue < 100 && chroma > 0.08 && lightness > 0.5
      expect(isWarm, String(hue)).toBe(false)
    }
  })

  it('are the same in every window, and stay when another profile is added', () => {
    expect(placesOf(['codex', 'claude'])).toEqual(new Map([...placesOf(['claude', 'codex'])]))
    const before = placesOf(['claude', 'codex'])
    const after = placesOf(['claude', 'codex', 'zed'])
    expect([after.get('claude'), after.get('codex')]).toEqual([before.get('claude'), before.get('codex')])
  })
})
