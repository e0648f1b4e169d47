#!/bin/sh
# A worker that does its work, says how it goes, and hands over what the next one must know.
set -eu
echo "Reading the task"
head -n 1 "$RUNBOARD_CONTEXT_FILE"
sleep 0.6
runboard heartbeat --note "halfway there"
printf '\033[32m✓\033[0m first half done\n'
sleep 0.6
printf '\033[32m✓\033[0m second half done\n'
echo "notes of attempt $RUNBOARD_ATTEMPT" >"$RUNBOARD_WORKSPACE/notes.md"
runboard complete \
  --summary "Done in two steps. The notes are in notes.md; nothing is left open." \
  --metadata '{"changed_files":["notes.md"],"tests_run":["sh -n notes"],"decisions":["kept it short"],"residual_risk":"none known"}'
