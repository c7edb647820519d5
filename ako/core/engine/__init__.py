"""The watched objects, and memoised functions over them."""
