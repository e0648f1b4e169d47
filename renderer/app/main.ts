import '../shared/tokens.css'
import '../shared/base.css'
import '../shared/overlays.css'
import '../shared/theme.svelte.ts'
import { mount } from 'svelte'
import { connect } from '../shared/client.ts'
import App from './App.svelte'

// First of all, so that a port handed over while the page loads finds a listener.
const client = connect()

const target = document.getElementById('app')
if (target === null) throw new Error('index.html has no element #app')
mount(App, { target, props: { client } })
