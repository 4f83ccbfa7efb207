"""Starts real daemons without importing everything anew: one line `run FILE LOG` on stdin, one pid out.

A process that has imported the daemon and forks a child for each start, so that a test can kill hundreds."""

import asyncio
import os
import signal
import sys
from pathlib import Path


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    from lane_controller.commands.logs import set_up
    from lane_controller.daemon.configuration import load
    from lane_controller.daemon.service import Daemon

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say("ready")
    for line in sys.stdin:
        _, file, log = line.split()
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            set_up()
            asyncio.run(Daemon(load(Path(file))).run())
            os._exit(0)
        say(str(child))


if __name__ == "__main__":
    main()
