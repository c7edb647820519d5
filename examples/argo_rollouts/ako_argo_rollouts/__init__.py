"""Canaries of Argo Rollouts (`argoproj.io/v1alpha1`) get their share of the requests: a plugin for ako."""
