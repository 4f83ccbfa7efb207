"""The site's store: every event that the lanes published, and what follows from them.

The events are the truth; the views of lanes, passages and alarms are recomputed from them in any order.
"""
