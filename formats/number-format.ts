/**
 * The first formatter that a process makes loads the locale data of Node, which takes a third of the time of a short
 * command. So each is made at its first use.
 *
 * @returns a function that writes a number in American English
 */
export function numberFormat(options?: Intl.NumberFormatOptions): (value: number) => string {
  let made: Intl.NumberFormat | null = null
  return (value) => (made ??= new Intl.NumberFormat('en-US', options)).format(value)
}
