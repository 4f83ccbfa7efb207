"""Simulated readers of documents, each on its real wire."""
