#!/bin/sh
# Installs Bluesky's own server into FOLDER (about 360 MB, Node 18.7 or newer): `tests/simulators/pds/install.sh FOLDER`. Then
# `SURGECAST_BLUESKY_PDS=FOLDER pytest tests/contract/test_bluesky_pds.py` holds the adapter against it.
set -eu
mkdir -p "$1"
cd "$1"
[ -e package.json ] || echo '{"private": true}' >package.json
npm install --no-audit --no-fund @atproto/dev-env@0.3.215
# Newer versions of npm run no package's own script unasked. Of all of them only SQLite's has to run, which compiles it where none is ready made.
if ! node -e 'require("better-sqlite3")(":memory:")' 2>/dev/null; then
    npm install-scripts approve better-sqlite3 || true
    npm rebuild better-sqlite3
fi
