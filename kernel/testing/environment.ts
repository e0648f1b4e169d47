import { cleanUp } from './setup.ts'

/** Sets an environment variable until the test is over. */
export function setEnvironment(name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  cleanUp(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = before
  })
}
