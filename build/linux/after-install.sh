#!/bin/sh
# After the RPM has been installed: the commands, and the helper of Chromium's sandbox, which must be root's.
ln -sf '/opt/${sanitizedProductName}/resources/bin/runboard' /usr/bin/runboard
ln -sf '/opt/${sanitizedProductName}/${executable}' '/usr/bin/${executable}'
chmod 4755 '/opt/${sanitizedProductName}/chrome-sandbox'
if command -v update-desktop-database >/dev/null; then update-desktop-database /usr/share/applications || true; fi
