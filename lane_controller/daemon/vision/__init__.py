"""Pictures of pages, read in a process of its own that may hang, crash and be killed.

worker.py      the child: `mrz.read`, one page at a time
evidence.py    what is kept of a page: its picture made smaller, its zone cell by cell, how it was read
confined.py    what the child lives under: bounded memory, and an end with its parent
pages.py       the parent: pages in, documents out, the child started, timed and started again
"""
