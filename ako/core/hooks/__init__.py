"""What plugins are asked, what they answer, and what they may read."""
