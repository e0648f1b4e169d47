#!/usr/bin/env node
// The name that this file had before; scripts may still call it.
import './runboard.cjs'
