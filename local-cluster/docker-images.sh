#!/usr/bin/env bash
# Builds the images with Docker: docker-images.sh PREFIX [push]
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${1:?a prefix such as wheelhouse.local or registry.example.org/me}
for image in operator:operator/Containerfile runtime:agent-pod/runtime/Containerfile \
  sandbox:agent-pod/sandbox/Containerfile sandboxd:agent-pod/sandbox/Containerfile.sandboxd; do
  tag=$prefix/${image%%:*}:dev file=${image#*:}
  docker build -q -t "$tag" -f "$file" "$(dirname "$file")"
  if [ "${2:-}" = push ]; then docker push -q "$tag"; fi
done
