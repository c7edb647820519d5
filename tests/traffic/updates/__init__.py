"""No request is lost by an update: clients ask steadily while the cluster, the controller and the Controller change.

How a client asks (`client.py`, `names.py`):

* It looks the name up before each request, as one whose DNS is fresh.
* A name is on one VsVip at most: the Controller wants that, so that one which moves is at none for the time between two
  writes. Until it is somewhere again its last address counts, as resolvers have it.
* If the name moved after it was looked up, so that what was asked is not where the name leads when the answer comes, a
  bad answer does not count: it is looked up and asked again. A bad answer from where the name still leads is a loss.
* Requests go over new connections and over kept ones in turn; a kept connection is used while the name leads to where
  it was opened. One that is closed before anything of an answer came is replaced by a new one, and the request is
  asked there again (RFC 9112, 9.3.1); only of methods that may be repeated, others have a new connection each.

What is allowed (`allowance.py`): what the objects in the cluster promise; from the moment an edit is made until the
product has converged, also what they promised before it, and between the edits of one change. On a kept connection
through which TLS or layer 4 is handed on, so is what was promised when it was opened.

`stream.py` has the clients in threads; `world.py` the product in its process, the cluster, the simulator and the pods;
`stories/` what happens. `python -m tests.traffic.updates` plays all of it.
"""
