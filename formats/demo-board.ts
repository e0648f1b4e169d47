/** The slug of the demo board. */
export const DEMO_SLUG = 'demo'
