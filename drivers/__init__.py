"""Drivers: the code that speaks one device model's protocol.

`drivers/<role>/__init__.py` is the role's contract, `drivers/<role>/<model>.py` one device.  The roles are
public API: a third party registers a class under the entry-point group `borderlane.drivers`.
"""
