#!/bin/bash
# /usr/local/sbin/cds-service: the command with the service's settings and as its user, whom PostgreSQL knows; for root and that user.
# Files that a command reads must be readable by that user; what it prints can be sent anywhere with `>`.
set -euo pipefail
umask 077 # as the unit: what it makes, such as a SQLite store, is that user's alone
set -a
. /etc/cds-service/environment
set +a
if [ "$(id -u)" = 0 ]; then
  runuser -u cds-service -- /opt/cds-service/bin/cds-service "$@"
else
  exec /opt/cds-service/bin/cds-service "$@"
fi
