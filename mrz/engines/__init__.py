"""Engines behind `mrz.read`; each is imported when it is asked for."""
