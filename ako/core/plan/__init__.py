"""Desired against observed: what to create, update and delete, hold back or leave."""
