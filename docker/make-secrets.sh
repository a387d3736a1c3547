#!/bin/sh
# Run once by docker-compose.yml, as the service `secrets`: what nobody should have to think of.
#
# Each secret is a file of its own in /secrets, random unless the environment or you gave one: a file
# that is there stays as it is. The volume is the secret's wall: only the services that mount it, and
# root on the host, can read it.
set -eu
cd "${SECRETS:-/secrets}"

keep() { # NAME VALUE: whole or not at all, whatever stops this script
  [ -s "$1" ] && return
  printf '%s' "$2" >".$1.new"
  chmod 444 ".$1.new" # the containers' users differ
  mv ".$1.new" "$1"
  echo "made $1"
}

random() { # letters and digits, 64 of them: 256 bits that need no quoting in an address
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

case "${DJANGO_SECRET_KEY:-}" in
  insecure-*) DJANGO_SECRET_KEY= ;; # the development key of .env, which everybody knows
esac
keep django_secret_key "${DJANGO_SECRET_KEY:-$(random)}"
keep postgres_password "${POSTGRES_PASSWORD:-$(random)}"
for database in roompricegenie data_provider dashboard_service pricing_service; do
  keep "url_$database" "postgres://roompricegenie:$(cat postgres_password)@postgres:5432/$database"
done
