/** The part of the doors that the desktop shell uses. */
export { localClient } from './local-client.ts'
export { serveKernelOverPort } from './port.ts'
export type { PortHere, ServedPort } from './port.ts'
export { findPageFolder, PAGE_HEADERS, readPageFile } from '../shared/page.ts'
