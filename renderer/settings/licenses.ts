/** A package whose code is part of the app. */
export interface Licensed {
  name: string
  version: string
  /** SPDX, null if the package does not declare one. */
  identifier: string | null
  text: string | null
}

/**
 * Reads the list that the build puts beside the page.
 *
 * @throws Error if it does not exist, as during development
 */
export async function readLicenses(): Promise<readonly Licensed[]> {
  const answer = await fetch(new URL('licenses.json', document.baseURI))
  if (!answer.ok) throw new Error('The build did not create the list of licences.')
  return (await answer.json()) as Licensed[]
}
