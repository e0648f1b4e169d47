import { expect as impatient } from '@playwright/test'

/** A picture may take its time: a slow machine must not end the run. */
export const expect = impatient.configure({ timeout: 60_000 })
