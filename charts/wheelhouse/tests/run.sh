#!/usr/bin/env bash
# Chart tests: the templates always, the admission policies if the current cluster has Wheelhouse installed.
set -euo pipefail
cd "$(dirname "$0")"
./templates.sh
if kubectl get validatingadmissionpolicies wheelhouse-journal --request-timeout=5s >/dev/null 2>&1; then
  ./policies.sh
else
  echo "admission policies: not tested, no cluster with Wheelhouse in the current context"
fi
