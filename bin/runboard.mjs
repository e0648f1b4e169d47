#!/usr/bin/env node
// The former name of runboard.cjs; scripts may still call it.
import './runboard.cjs'
