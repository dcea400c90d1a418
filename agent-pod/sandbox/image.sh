#!/usr/bin/env bash
# Makes the content of the image of the sandbox daemon: image.sh JAR FOLDER
# A Java of its own, cut down to what the daemon needs, with an archive of prepared classes. The
# folder is /opt/sandboxd in the image; the init container copies it to /wheelhouse of the sandbox.
set -euo pipefail
jar=${1:?the jar of this module} out=${2:?the folder to make}
: "${JAVA_HOME:?a JDK 25}"

rm -rf "$out"
mkdir -p "$(dirname "$out")"
"$JAVA_HOME/bin/jlink" --add-modules java.base --strip-debug --no-header-files --no-man-pages --compress zip-0 --output "$out"
# What a server never needs of it.
rm -rf "$out"/legal "$out"/lib/jexec "$out"/lib/jrt-fs.jar "$out"/lib/classlist "$out"/lib/libsimdsort.so \
  "$out"/bin/keytool
install -m 0644 "$jar" "$out/sandboxd.jar"
# The archive below is valid for a jar of this time only; in image layers everything has it.
touch -d @1 "$out/sandboxd.jar"

# Compiling late: a sandbox has few commands, mostly short ones, and 20 of them at once would all compile at once.
flags="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=10 -Xms8m -Xmx48m -Xss256k -XX:ReservedCodeCacheSize=16m
-XX:MaxMetaspaceSize=48m -XX:MaxDirectMemorySize=8m -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData
-XX:+DisableAttachMechanism -XX:+ErrorFileToStderr -XX:-CreateCoredumpOnCrash --enable-native-access=ALL-UNNAMED"
rehearsal=$(mktemp -d)
trap 'rm -rf "$rehearsal"' EXIT
# shellcheck disable=SC2086
"$out/bin/java" $flags -XX:AOTCacheOutput="$out/sandboxd.aot" -cp "$out/sandboxd.jar" \
  dev.wheelhouse.sandbox.Rehearsal "$rehearsal" >"$rehearsal/log" 2>&1 || { cat "$rehearsal/log" >&2; exit 1; }
[ -s "$out/sandboxd.aot" ] || { cat "$rehearsal/log" >&2; exit 1; }

cat >"$out/sandboxd.args" <<ARGS
$flags
-XX:AOTCache=/wheelhouse/sandboxd.aot
-cp /wheelhouse/sandboxd.jar
dev.wheelhouse.sandbox.Sandboxd
ARGS
cat >"$out/install.args" <<'ARGS'
-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx16m -XX:-UsePerfData --enable-native-access=ALL-UNNAMED
-XX:AOTCache=/opt/sandboxd/sandboxd.aot
-cp /opt/sandboxd/sandboxd.jar
dev.wheelhouse.sandbox.Install
ARGS
