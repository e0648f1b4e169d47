import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { CODE_HEADER, OpenCodes, peerUid } from './open-code.ts'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1CFC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 0100007F:1CFC 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1CFC 01 00000000:00000000 00:00000000 00000000  1000        0 13 1 0 20 4 30 10 -1
   3: 0200000A:C350 0100007F:1CFC 01 00000000:00000000 00:00000000 00000000  1001        0 14 1 0 20 4 30 10 -1
   4: 0000000000000000FFFF00000100007F:C351 0000000000000000FFFF00000100007F:1CFC 01 00000000:00000000 00:00000000 00000000  1002        0 15 1 0 20 4 30 10 -1`

it.each([
  [0xc350, 1000],
  [0xc351, 1002],
  [0xc352, null],
])('X4: finds the user at the other end, port %i', (port, uid) => {
  expect(peerUid(TABLE, port, 0x1cfc)).toBe(uid)
})

it('X4: a code expires after two minutes', async () => {
  let now = 0
  const codes = new OpenCodes(
    () => now,
    () => Promise.resolve(true),
  )
  const request = { headers: { [CODE_HEADER]: codes.issue() } } as unknown as IncomingMessage
  now = 120_001

  await expect(codes.redeem(request)).rejects.toMatchObject({ status: 401 })
})
