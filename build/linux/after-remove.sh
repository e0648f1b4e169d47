#!/bin/sh
# After the RPM has been removed. An update removes the old one after it has installed the new one: then 1 is left.
if [ "${1:-0}" = 0 ]; then rm -f /usr/bin/runboard '/usr/bin/${executable}'; fi
