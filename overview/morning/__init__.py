"""The morning: what came in since the last visit, which nights need a person, what is unusual."""
