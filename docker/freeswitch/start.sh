#!/bin/sh
# Without a password FreeSWITCH would take the one everybody knows. Everything that is written is this container's own.
set -eu
: "${HOTLINE_ESL_PASSWORD:?set it to the password the controller uses}"
folders=""
for name in log run db scripts temp recordings storage grammar certs cache; do
  mkdir -p "/tmp/freeswitch/$name"
  folders="$folders -$name /tmp/freeswitch/$name"
done
# -nc: without a terminal the console would read an end of file for ever
# shellcheck disable=SC2086 # a word each
exec "${FREESWITCH_PROGRAM:-freeswitch}" -nf -nc -np -nonat -conf "${FREESWITCH_CONF:-/etc/hotline/conf}" $folders
