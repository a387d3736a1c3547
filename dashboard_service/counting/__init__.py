"""From events to stored counts: following the feed, recounts, and the check against a recount."""
