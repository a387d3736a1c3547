"""Reading booking systems: what all of them have in common stands here once."""
