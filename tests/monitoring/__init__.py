"""The alerts, the dashboard, and failures that are injected to see which of them fire."""
