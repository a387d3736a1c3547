"""The language in which a person reads pages, messages and mails."""
