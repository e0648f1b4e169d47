// A worker of Vitest in a Node for Windows (pool.ts): `node worker.ts PORT`.
import { EventEmitter } from 'node:events'
import { connect } from 'node:net'
import { init, runBaseTests, setupEnvironment } from 'vitest/worker'
import { readMessages, writeMessage } from './messages.ts'

const exit = process.exit.bind(process)
const messages = new EventEmitter()
const socket = connect(Number(process.argv[2]), '127.0.0.1')
socket.on('close', () => exit())
socket.on('error', () => exit(1))
readMessages(socket, (message) => messages.emit('message', message))

init({
  post: (message) => writeMessage(socket, message),
  on: (callback) => messages.on('message', callback),
  off: (callback) => messages.off('message', callback),
  teardown: () => messages.removeAllListeners(),
  runTests: (state, traces) => runBaseTests('run', state, traces),
  collectTests: (state, traces) => runBaseTests('collect', state, traces),
  setup: setupEnvironment,
})
