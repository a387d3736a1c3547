"""What people's management refuses; the message is for the person who asked."""


class PeopleError(Exception):
    """Nothing was changed; the message says why."""
