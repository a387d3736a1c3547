"""The morning mail: the morning of a hotel in short, at an hour of the hotel's own clock."""
