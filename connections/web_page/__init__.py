"""The page on which a hotel connects its booking system."""
