#!/bin/sh
# Asks a person, and goes on with the answer in its next attempt.
set -eu
answer=$(grep -A 3 "Answer to the block" "$RUNBOARD_CONTEXT_FILE" | sed -n 's/^> //p' | tail -n 1)
if [ -n "$answer" ]; then
  echo "The answer is there: $answer"
  runboard complete --summary "Named as you said: $answer"
  exit 0
fi
echo "Two names fit; a person should choose"
sleep 0.4
runboard block --reason "Should the command be called export or dump? Both are free."
