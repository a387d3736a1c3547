"""Pages and messages that put figures and prices together: what a hotelier sees first.

It reads the figures of the dashboard service and the prices of the pricing service; neither knows
of it. Each page or message is a folder of its own.
"""
