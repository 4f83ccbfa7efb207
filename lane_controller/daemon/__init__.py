"""The lane's daemon: what stands between the pure rules (`lane_controller.lane`) and the world.

loop.py           the main loop: step, commit, act, publish; in that order, in one function
journal/          the lane's memory: append-only rows in SQLite, chained by hash (docs/journal.md)
devices.py        one supervised task a device; sensing/ turns readings into facts
actions.py        makes lamps, orders and requests follow the views of the state
uplink.py         events to the site's store and its acknowledgements back; commands.py verifies commands
clock.py          the one clock; configuration.py the one TOML file; status.py the local socket
service.py        puts all of these together under one task group
"""
