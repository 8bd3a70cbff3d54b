#!/bin/bash
# Install what the tests need and pip cannot bring. From Debian: a database server, a mail server, feed readers, an XML
# checker, a browser, fonts, spam filters, Java, Node. From npm, into a folder here: judges of mail and a reader of feeds.
# Says nothing to root where all is there.
set -euo pipefail

needed=(
  postgresql postfix newsboat sfeed rss2email libxml2-utils chromium fonts-noto-cjk fonts-noto-color-emoji
  rspamd spamassassin default-jre-headless
)
command -v node >/dev/null || needed+=(nodejs)
command -v npm >/dev/null || needed+=(npm)

judges=$(dirname "$0")/judges

are_judges_installed() {
  cmp -s "$judges/package.json" "$judges/node_modules/.installed"
}

install_judges() {
  are_judges_installed && return
  echo "Installing judges of mail and a reader of feeds from npm ..."
  rm -rf "$judges/node_modules"
  npm install --prefix "$judges" --no-package-lock --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
  cp "$judges/package.json" "$judges/node_modules/.installed"
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if [ "$(id -u)" -ne 0 ]; then
  echo "Only root can start a mail server or mount a small disk, as two files of tests do. To run them whole, type:"
  echo "  sudo .venv/bin/pytest tests/acceptance/test_postfix.py tests/acceptance/test_rivals.py"
fi

if ! command -v dpkg-query >/dev/null; then
  for program in postfix newsboat sfeed r2e xmllint chromium rspamd spamassassin java node npm; do
    command -v "$program" >/dev/null || missing_programs+=" $program"
  done
  if [ -z "${missing_programs:-}" ]; then
    install_judges
    exit 0
  fi
  echo "The tests need these programs, which this machine does not have:$missing_programs" >&2
  exit 1
fi

missing=()
for package in "${needed[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  install_judges
  exit 0
fi

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
if [[ " ${missing[*]} " == *" postfix "* ]]; then
  # A test starts a Postfix of its own: the system gets no configuration, so none is started for it.
  echo "postfix postfix/main_mailer_type select No configuration" | "${as_root[@]}" debconf-set-selections
fi
"${as_root[@]}" apt-get update -qq </dev/null
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends --no-remove "${missing[@]}" </dev/null >/dev/null
if [[ " ${missing[*]} " == *" rspamd "* ]] && [ -d /run/systemd/system ]; then
  "${as_root[@]}" systemctl disable --now --quiet rspamd  # the tests start their own
fi
install_judges
