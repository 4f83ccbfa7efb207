"""The simulated weighbridge: what the indicator is (`indicator.py`), and what it says in each protocol."""
