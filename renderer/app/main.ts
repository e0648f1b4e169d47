import '../shared/chromium-floor.ts'
import '../shared/tokens.css'
import '../shared/base.css'
import '../shared/overlays.css'
import '../shared/theme.svelte.ts'
import { mount } from 'svelte'
import type { Client } from '../../contract/index.ts'
import { connect } from '../shared/client.ts'
import { AppController } from './app-controller.svelte.ts'

/** In development, `?fake=300` shows a board of 300 cards in memory; builds do not contain it. */
async function clientOfPage(): Promise<Client> {
  const fake = import.meta.env.DEV ? new URLSearchParams(window.location.search).get('fake') : null
  if (fake === null) return connect()
  const { fakeClient } = await import('../shared/fake-client.ts')
  return fakeClient(Number(fake)).client
}

async function show(): Promise<void> {
  // No await before this call, so that a port sent while the page loads finds a listener.
  const client = clientOfPage()
  const target = document.getElementById('app')
  if (target === null) throw new Error('index.html has no element #app')
  const app = new AppController(await client)
  // The board is read while the browser still compiles the screens.
  void app.start()
  const { default: App } = await import('./App.svelte')
  mount(App, { target, props: { app } })
}

void show()
