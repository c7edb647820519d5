"""The Avi Controller: session, requests, codec."""
