"""The fault campaign: whatever happens on the way, the end is that of a run without a fault.

`python -m tests.campaign` runs random schedules of changes and faults, `python -m tests.campaign.crash` kills the real
process at every request of a long script, `python -m tests.campaign.mutants` breaks documented rules one at a time.
Samples of all, and the failure table, run with all other tests.
"""
