#!/bin/sh
# ari.conf cannot read the environment: the password goes into a file of this container's own.
set -eu
: "${HOTLINE_ARI_PASSWORD:?set it to the password the controller uses}"
umask 077
printf '[hotline]\ntype = user\npassword = %s\n' "$HOTLINE_ARI_PASSWORD" > /run/hotline/ari-user.conf
exec asterisk -f
