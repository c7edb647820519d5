"""The loop and one pass of it; what an operator tells a running controller and what it tells the operator."""
