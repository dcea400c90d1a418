#!/usr/bin/env bash
# Builds the images with Docker: docker-images.sh PREFIX [push]
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${1:?a prefix such as wheelhouse.local or registry.example.org/me}
for image in operator:operator runtime:agent-pod/runtime sandbox:agent-pod/sandbox; do
  tag=$prefix/${image%%:*}:dev
  docker build -q -t "$tag" -f "${image#*:}/Containerfile" "${image#*:}"
  if [ "${2:-}" = push ]; then docker push -q "$tag"; fi
done
