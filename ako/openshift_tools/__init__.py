"""What `ako openshift` does: questions to a cluster through `oc` or `kubectl`, never from the control loop."""
