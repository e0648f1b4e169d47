/** The most characters of a board's slug. */
const LONGEST = 64

/**
 * Turns a name into a slug, as URLs, folders and the command line use it: `Café Bénin` becomes `cafe-benin`.
 *
 * @returns empty if the name has no letter a-z, also without its accents, and no digit
 */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  const words = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-/, '')
  return words.slice(0, LONGEST).replace(/-$/, '')
}
