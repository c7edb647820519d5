"""Whether requests tell a wrong object: one thing of what was written is changed at a time, and a client has to notice.

`states` gives what was written for the scenarios, `questions` what clients ask, `changes` the mutations, `judging` says
what caught each, `reasons` why nothing can catch some. `python -m tests.traffic.mutations` prints it all.
"""
