"""The page in the frame of somebody else's: what a portal loads, and what lets nobody else in."""
