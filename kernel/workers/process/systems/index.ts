import { darwin } from './darwin.ts'
import { linux } from './linux.ts'
import { ps } from './ps.ts'
import type { ProcessSystem } from './system.ts'
import { windows } from './windows.ts'

const SYSTEMS: Partial<Record<NodeJS.Platform, ProcessSystem>> = { linux, darwin, win32: windows }

/** The system that this process runs on. */
export const thisSystem: ProcessSystem = SYSTEMS[process.platform] ?? ps
