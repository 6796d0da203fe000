#!/bin/sh
# systemd takes the unit as it is, with the program where it was built.
command -v systemd-analyze >/dev/null || { echo "skipped: systemd-analyze is not there"; exit 77; }
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT
sed "s|=[^ ]*/bin/cutoutd |=$(realpath "$2") |" "$1" >"$folder/cutoutd.service"
complaints=$(systemd-analyze verify --man=no "$folder/cutoutd.service" 2>&1 | grep cutoutd)
echo "$complaints"
[ -z "$complaints" ]
