"""The web page at `/`: its HTTP view, and a module for each part of what it shows."""
