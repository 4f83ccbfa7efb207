"""Simulated I/O modules: `io_module.py` is what a module is, the other files are what each model says."""
