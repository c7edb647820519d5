"""The fault campaign: whatever happens on the way, the end is that of a run without a fault.

`python -m tests.campaign` runs random schedules of changes and faults, `python -m tests.campaign.crash` kills the real
process at every request of a long script. Samples of both, and the failure table, run with all other tests.
"""
