"""The wire contract between lanes and everything that watches or commands them.

A leaf: it imports pydantic and nothing of ours, so that a dashboard, a relay or a foreign system can use it
alone.  Within a version, fields are only added; a reader ignores what it does not know.
"""
