#!/bin/sh
# Fails each time.
echo "Uploading the report"
sleep 0.3
echo "upload: 403 Forbidden: the token has expired" >&2
exit 1
