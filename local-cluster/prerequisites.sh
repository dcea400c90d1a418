#!/usr/bin/env bash
# Makes sure that this machine can build the project and run the local cluster: Debian packages
# (installed when root), Go, a JDK and Maven (named when missing). Quick when nothing is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
go_wanted=1.26
packages=(containernetworking-plugins nftables iptables conntrack iproute2 mount gcc libc6-dev libseccomp-dev pkg-config
  mmdebstrap debian-archive-keyring dpkg ca-certificates)
problems=()

has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_packages() { for p in "${packages[@]}"; do has_package "$p" || echo "$p"; done; }

if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ]; then
      echo "Installing ${missing[*]}" >&2
      apt-get -q update >&2
      DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}" >&2
    else
      problems+=("Debian packages: sudo apt-get install --no-install-recommends ${missing[*]}")
    fi
  fi
else
  for program in nft ip ss gcc pkg-config mmdebstrap dpkg-deb apt-get; do
    command -v "$program" >/dev/null || problems+=("the program $program (this script installs packages on Debian and Ubuntu only)")
  done
  [ -x /usr/lib/cni/ptp ] || [ -x /opt/cni/bin/ptp ] || problems+=("the CNI plugins in /usr/lib/cni or /opt/cni/bin")
fi

command -v go >/dev/null || PATH="$PATH:/usr/local/go/bin"
if ! command -v go >/dev/null; then
  problems+=("Go $go_wanted or newer: https://go.dev/dl (looked on PATH and in /usr/local/go/bin)")
else
  found=$(go env GOVERSION | sed 's/^go//')
  [ "$(printf '%s\n' "$go_wanted" "$found" | sort -V | head -1)" = "$go_wanted" ] ||
    problems+=("Go $go_wanted or newer: found $found at $(command -v go)")
fi
"$here/java-home.sh" >/dev/null 2>&1 || problems+=("a JDK 25 (set JAVA_HOME, or install Eclipse Temurin 25 in /usr/lib/jvm)")
command -v mvn >/dev/null || problems+=("Maven 3.8 or newer: the package maven, or https://maven.apache.org")

if [ ${#problems[@]} -gt 0 ]; then
  echo "Missing on this machine:" >&2
  printf '  - %s\n' "${problems[@]}" >&2
  exit 1
fi
