"""The tests on a real Kubernetes API server: `make envtest`.

`etcd` and `kube-apiserver` come from the folder that `KUBEBUILDER_ASSETS` names, as everywhere in this ecosystem; where
it is not named nothing is run.
"""
