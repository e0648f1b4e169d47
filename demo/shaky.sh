#!/bin/sh
# Crashes at its first attempt. The next one finds in its context what went wrong.
set -eu
echo "Attempt $RUNBOARD_ATTEMPT"
if [ "$RUNBOARD_ATTEMPT" -eq 1 ]; then
  echo "Opening the session store"
  sleep 0.5
  printf '\033[31merror:\033[0m session store: connection refused after 3 tries\n' >&2
  exit 3
fi
runboard heartbeat --note "waiting for the store before the test"
grep -n "connection refused" "$RUNBOARD_CONTEXT_FILE" || true
sleep 0.5
runboard complete \
  --summary "The test failed because the session store was not up yet; it waits for it now." \
  --metadata '{"changed_files":["test/login.test.ts"],"tests_run":["login.test.ts × 20"],"findings":["the store needs up to 2 s"],"retry_notes":"attempt 1 was refused a connection"}'
