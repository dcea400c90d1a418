#!/usr/bin/env bash
# Runs the benchmarks on a fresh local cluster and writes bench/RESULTS.md. Arguments: names of measurements.
set -euo pipefail
cd "$(dirname "$0")/.."
export CLUSTER=local
make --no-print-directory cluster-down
AUDIT=1 make --no-print-directory install
mvn -B -ntp -q -pl bench -am package -DskipTests -Dspotless.check.skip
export JAVA_HOME=${JAVA_HOME:-$(local-cluster/java-home.sh)} KUBECONFIG=$PWD/local-cluster/.state/kubeconfig
"$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "bench/target/classes:bench/target/lib/*" dev.wheelhouse.bench.Bench \
  bench/RESULTS.md local-cluster/.state/audit.log "$@"
echo "written: bench/RESULTS.md"
