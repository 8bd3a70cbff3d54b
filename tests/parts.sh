#!/bin/bash
# Install what the tests need from Debian and pip cannot bring: feed readers, an XML checker, a browser, fonts.
# Says nothing where all is there.
set -euo pipefail

needed=(newsboat sfeed libxml2-utils chromium fonts-noto-cjk fonts-noto-color-emoji)

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null; then
  for program in newsboat sfeed xmllint chromium; do
    command -v "$program" >/dev/null || missing_programs+=" $program"
  done
  [ -z "${missing_programs:-}" ] && exit 0
  echo "The tests need these programs, which this machine does not have:$missing_programs" >&2
  exit 1
fi

missing=()
for package in "${needed[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  echo "The tests need some Debian packages. Type this, then start again:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y ${missing[*]}" >&2
  exit 1
fi

echo "Installing ${missing[*]} ..."
"${as_root[@]}" apt-get update -qq </dev/null
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
