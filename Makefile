# Wheelhouse. `make demo` and `make test` do everything on a fresh Linux machine; `make help` lists the rest.
SHELL       := /bin/bash -o pipefail
.DEFAULT_GOAL := help

# local: the cluster in local-cluster/; kind: kind on Docker; current: your current kube context.
CLUSTER     ?= $(shell docker info >/dev/null 2>&1 && command -v kind >/dev/null && echo kind || echo local)
# Where images are pushed for CLUSTER=current, such as registry.example.org/me; empty: they are already there.
REGISTRY    ?=
NAMESPACE   ?= wheelhouse-system

# Looked for each time: the prerequisites may just have brought it.
JAVA_HOME    = $(shell local-cluster/java-home.sh 2>/dev/null)
export JAVA_HOME
LOCAL       := local-cluster/.state
BIN         := $(CURDIR)/$(LOCAL)/bin
export PATH := $(BIN):/usr/local/go/bin:$(PATH)
ifeq ($(CLUSTER),local)
export KUBECONFIG := $(CURDIR)/$(LOCAL)/kubeconfig
endif
MVN         := mvn -B -ntp -q
# Maven's own libraries use what JDK 25 warns of: not our news.
export MAVEN_OPTS += --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 18

.PHONY: demo
demo: install ## A run that survives the death of its pod, shown end to end
	examples/demo.sh

.PHONY: test
test: unit install e2e ## Everything: unit tests, chart tests, tests on a real cluster

.PHONY: prerequisites
prerequisites: ## Install what is missing (as root on Debian), or say exactly what is
	@local-cluster/prerequisites.sh

.PHONY: build
build: prerequisites ## Compile and package, without tests
	$(MVN) package -DskipTests -Dspotless.check.skip

.PHONY: unit
unit: prerequisites ## Tests that need no cluster, formatting, CRD drift, architecture rules
	mvn -B -ntp verify
	cd local-cluster && go vet ./... && go test ./...

.PHONY: format
format: ## Format the Java code
	$(MVN) spotless:apply

.PHONY: crds
crds: ## Write crds/*.yaml and the chart's copies anew from the API types
	$(MVN) -pl crds test -Dcrds.write=true -Dtest=CrdYamlTest
	cp crds/*.yaml charts/wheelhouse/files/crds/

.PHONY: cluster
cluster: prerequisites ## Start a real Kubernetes on this machine, without Docker
	local-cluster/cluster up

.PHONY: cluster-down
cluster-down: ## Stop it and leave nothing behind
	local-cluster/cluster down

.PHONY: images
images: images-$(CLUSTER) ## Build the images and bring them into the cluster

.PHONY: images-local
images-local: build cluster
	local-cluster/images.sh

.PHONY: clients
clients: ## kubectl and helm: found, or built
	@{ command -v kubectl && command -v helm; } >/dev/null || local-cluster/cluster build

.PHONY: images-kind
images-kind: build clients
	kind get clusters | grep -qx wheelhouse || kind create cluster --name wheelhouse
	local-cluster/docker-images.sh wheelhouse.local
	kind load docker-image --name wheelhouse wheelhouse.local/operator:dev wheelhouse.local/runtime:dev wheelhouse.local/sandbox:dev wheelhouse.local/sandboxd:dev

.PHONY: images-current
images-current: build clients
	@if [ -n "$(REGISTRY)" ]; then local-cluster/docker-images.sh $(REGISTRY) push; \
	else echo "CLUSTER=current without REGISTRY: assuming that the cluster has the images wheelhouse.local/*:dev"; fi

.PHONY: install
install: images ## Install or upgrade Wheelhouse in the cluster
	@# The images keep their tag while you develop: the build's digest makes the pods take the new ones.
	@helm upgrade --install wheelhouse charts/wheelhouse --namespace $(NAMESPACE) --create-namespace --wait --timeout 3m \
	  $(if $(REGISTRY),--set image.registry=$(REGISTRY)) \
	  --set-string operator.podAnnotations.build=$$(cat operator/target/quarkus-app/app/*.jar agent-pod/runtime/target/quarkus-app/app/*.jar | sha256sum | cut -c1-16) \
	  >/dev/null
	kubectl -n $(NAMESPACE) get deployment wheelhouse-operator

.PHONY: uninstall
uninstall: ## Remove Wheelhouse from the cluster; custom resources stay
	helm uninstall wheelhouse --namespace $(NAMESPACE)

.PHONY: e2e
e2e: ## Tests on the cluster; TEST=Name for one class
	charts/wheelhouse/tests/run.sh
	mvn -B -ntp -pl e2e -am test -De2e=true -Dsurefire.failIfNoSpecifiedTests=false $(if $(TEST),-Dtest=$(TEST),-Dtest='*E2E')

.PHONY: bench
bench: ## Benchmarks on the local cluster; results in bench/RESULTS.md
	bench/run.sh
