"""The controller under churn and every fault at once, for as long as one likes: `python -m tests.soak`."""
