"""The chart: its generated parts, what it renders, and the program run as it says."""
