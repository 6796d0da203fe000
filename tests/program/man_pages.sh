#!/bin/sh
# groff reads the man pages without a warning.
command -v groff >/dev/null || { echo "skipped: groff is not there"; exit 77; }
complaints=$(groff -man -Tutf8 -ww -z "$1"/*.[58] 2>&1)
echo "$complaints"
[ -z "$complaints" ]
