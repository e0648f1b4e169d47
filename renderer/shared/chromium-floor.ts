// Polyfills for the oldest Chromium that the page is tested on (114), for functions that a library calls.

interface Resolvers {
  promise: Promise<unknown>
  resolve: (value?: unknown) => void
  reject: (reason?: unknown) => void
}

/** @xyflow/svelte 1.7 calls this when it fits the graph into the view; Chromium has it since 119. */
function withResolvers(): Resolvers {
  const made: Partial<Resolvers> = {}
  const promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return { promise, ...made } as Resolvers
}

if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers })
