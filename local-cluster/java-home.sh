#!/usr/bin/env bash
# Prints the folder of a JDK 25: JAVA_HOME, the usual folders, then the java on PATH.
set -euo pipefail
wanted=25

is_jdk() { [ -x "$1/bin/javac" ] && grep -q "^JAVA_VERSION=\"$wanted[.\"+-]" "$1/release" 2>/dev/null; }

candidates=("${JAVA_HOME:-}" /usr/lib/jvm/*"$wanted"* /opt/*"$wanted"* "$HOME"/.sdkman/candidates/java/"$wanted"*
  /Library/Java/JavaVirtualMachines/*"$wanted"*/Contents/Home)
if command -v javac >/dev/null; then candidates+=("$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")"); fi
for candidate in "${candidates[@]}"; do
  if [ -n "$candidate" ] && is_jdk "$candidate"; then echo "$candidate"; exit 0; fi
done
echo "No JDK $wanted found (JAVA_HOME, /usr/lib/jvm, /opt, SDKMAN and PATH were searched)." >&2
echo "Install one, for example Eclipse Temurin $wanted, or set JAVA_HOME to it." >&2
exit 1
