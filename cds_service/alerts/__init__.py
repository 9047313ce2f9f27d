"""Whether a card that could be shown is shown: the site's policy, what was shown before, and what people said to it."""
