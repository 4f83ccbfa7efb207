"""From a driver's readings, in the device's tempo, to observations worth a journal row.

Every module is pure: readings and times come in, facts come out.

levels.py      loops, photocells, end switches, key switch: debounced, told when they change
weighing.py    a weight that settled, with a zero before it and the vehicle wholly on the deck
plates.py      a plate agreed over the frames of one presence interval
parked.py      plates that stand in the picture while nobody is in the lane
votes.py       how those frames voted, as it is kept beside the plate
documents.py   an MRZ that was read, a chip that came and went
frozen.py      streams that stand still
flood.py       rates: what a role may say, and what is only counted
"""
