import type { Socket } from 'node:net'
import { deserialize, serialize } from 'node:v8'

/** Before each message, its length. */
const HEAD = 4

export function writeMessage(socket: Socket, message: unknown): void {
  const body = serialize(message)
  const head = Buffer.alloc(HEAD)
  head.writeUInt32LE(body.length)
  socket.write(Buffer.concat([head, body]))
}

export function readMessages(socket: Socket, take: (message: unknown) => void): void {
  let rest = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= HEAD) {
      const end = HEAD + rest.readUInt32LE()
      if (rest.length < end) return
      const body = rest.subarray(HEAD, end)
      rest = rest.subarray(end)
      take(deserialize(body))
    }
  })
}
