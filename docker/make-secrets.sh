#!/bin/sh
# Creates the secrets of an installation; run by docker-compose.yml as the service `secrets`.
#
# Each secret is a file in /secrets: the value from the environment, or else a random one. An existing
# file is never changed. Only the services that mount the volume, and root on the host, can read it.
set -eu
cd "${SECRETS:-/secrets}"

create() { # NAME VALUE: creates the file atomically, unless it exists
  [ -s "$1" ] && return
  printf '%s' "$2" >".$1.new"
  chmod 444 ".$1.new" # the containers run as different users
  mv ".$1.new" "$1"
  echo "created $1"
}

random() { # 64 hexadecimal digits: 256 bits, and no character that a URL would have to escape
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

percent_encoded() { # TEXT: for a URL
  printf '%s' "$1" | od -An -v -tu1 | LC_ALL=C awk '{
    for (i = 1; i <= NF; i++) {
      character = sprintf("%c", $i + 0)
      if (character ~ /[A-Za-z0-9._~-]/) printf "%s", character
      else printf "%%%02X", $i
    }
  }'
}

case "${DJANGO_SECRET_KEY:-}" in
  insecure-*) DJANGO_SECRET_KEY= ;; # the development key of .env, which is public
esac
create django_secret_key "${DJANGO_SECRET_KEY:-$(random)}"
create postgres_password "${POSTGRES_PASSWORD:-$(random)}"
for database in roompricegenie data_provider dashboard_service pricing_service; do
  create "url_$database" "postgres://roompricegenie:$(percent_encoded "$(cat postgres_password)")@postgres:5432/$database"
done

create redis_password "${REDIS_PASSWORD:-$(random)}"
password=$(percent_encoded "$(cat redis_password)")
create url_redis "redis://:$password@redis:6379/0"
# In a file, because the arguments of a process can be read by others. Between quotes the server reads
# \xHH, and so any byte.
create redis.conf "requirepass \"$(printf '%s' "$password" | sed 's/%/\\x/g')\"
"
