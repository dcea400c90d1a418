// The program that starts and stops the local cluster. Standard library only.
module wheelhouse.dev/local-cluster

go 1.26.0
