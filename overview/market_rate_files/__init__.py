"""Competitors' rates from files: read with a mapping, and uploaded in the browser."""
