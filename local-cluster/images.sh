#!/usr/bin/env bash
# Makes the images of the project from what Maven built, and imports them into the local cluster.
set -euo pipefail
cd "$(dirname "$0")/.."

app() { # NAME FOLDER ROLE: stages the application with its JVM flags and makes its image
  local name=$1 module=$2 stage=local-cluster/.state/images/$1
  mkdir -p "$stage"
  rm -rf "${stage:?}/app"
  cp -r "$module/target/quarkus-app" "$stage/app"
  cp "$module/jvm.options" "$stage/app/jvm.options"
  local-cluster/cluster image "wheelhouse.local/$name:dev" --app "$stage/app" \
    --entrypoint '["/opt/java/bin/java","@/app/jvm.options","-jar","/app/quarkus-run.jar"]' \
    --env "WHEELHOUSE_ROLE=$name"
}

local-cluster/cluster image sandbox
agent-pod/sandbox/image.sh agent-pod/sandbox/target/sandbox-*.jar local-cluster/.state/images/sandboxd/app
local-cluster/cluster image wheelhouse.local/sandboxd:dev --app local-cluster/.state/images/sandboxd/app --at opt/sandboxd \
  --entrypoint '["/opt/sandboxd/bin/java","@/opt/sandboxd/install.args"]'
app operator operator
app runtime agent-pod/runtime
