import { expect as impatient } from '@playwright/test'

/** With a long timeout: a slow machine must not end the run. */
export const expect = impatient.configure({ timeout: 60_000 })
