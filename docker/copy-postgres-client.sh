#!/bin/sh
# Collects the client programs of the server's version, with the libraries that they need, in one
# folder: run in the image of PostgreSQL while the image is built. The C library is the target's own.
set -eu
bin=$(dirname "$(find /usr/lib/postgresql /usr/local/bin -name pg_dump 2>/dev/null | head -n 1)")
mkdir -p "$1/lib" "$1/libexec" "$1/bin"
for program in pg_dump pg_restore psql; do
  cp "$bin/$program" "$1/libexec/"
  ldd "$bin/$program" | awk '/=> \//{print $3}' |
    grep -vE '/(libc|libm|libdl|libpthread|librt|libresolv)\.so' | xargs -I{} cp -Ln {} "$1/lib/"
  # For these programs only: Python has its own versions of some of the libraries.
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/lib exec %s/libexec/%s "$@"\n' "$1" "$1" "$program" >"$1/bin/$program"
  chmod 755 "$1/bin/$program"
done
