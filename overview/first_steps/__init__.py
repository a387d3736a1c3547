"""The page that leads from an empty system to a hotel's first prices.

- `step_progress`: which steps are done.
- `proposals`: what the hotel's own data propose for what is not told yet.
- `first_steps_page`: the page.
"""
