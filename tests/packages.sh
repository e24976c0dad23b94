#!/bin/sh
# Install the Debian packages of tests/packages.txt that are missing; say what to do where we cannot.
set -eu
list="$(dirname "$0")/packages.txt"
if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "plantroom: not a Debian machine: the tests need what $list names, install it your way." >&2
    exit 0
fi
missing=""
for package in $(sed 's/#.*//' "$list"); do
    state="$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)"
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "plantroom: the tests need Debian packages that only root can install. Run once:" >&2
    echo "           sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing$missing ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 - a list of names
apt-get install -qq -y --no-install-recommends $missing >/dev/null
