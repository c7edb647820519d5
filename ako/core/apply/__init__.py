"""Plans are carried out: what may go now, what came back, what to try again and when."""
