"""A network interface by its name, to ask questions by multicast on it and on no other.  Linux, IPv4.

A question leaves by the interface's index, with time to live 1, so that no router carries it on; an answer
that came in over another interface is told apart by the index that the kernel gives with each datagram.
"""

import errno
import socket
import struct
from dataclasses import dataclass
from fcntl import ioctl
from ipaddress import IPv4Interface

_SIOCGIFFLAGS, _SIOCGIFADDR, _SIOCGIFNETMASK = 0x8913, 0x8915, 0x891B
_UP, _LOOPBACK, _RUNNING, _MULTICAST = 0x1, 0x8, 0x40, 0x1000
_IP_PKTINFO = 8
"""linux/in.h; Python 3.11 does not name it."""
_PKTINFO_BYTES = 12
_NAME_BYTES_MAX = 15


class InterfaceError(Exception):
    """The interface can't be used; the message says why, `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NoSuchInterface(InterfaceError):
    """This machine has no interface of that name."""


class NotAllowed(InterfaceError):
    """The system does not let this process ask."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One that is up and has an IPv4 address.  `address` is its first, with the network."""

    name: str
    index: int
    address: IPv4Interface


@dataclass(frozen=True, slots=True)
class Datagram:
    """`source` is the sender's IPv4 address, `interface` the index of the one it came in over (0: not told),
    `whole` whether nothing of it was cut off."""

    data: bytes
    source: str
    interface: int
    whole: bool


def find(name: str) -> Interface:
    """Raises NoSuchInterface, NotAllowed and InterfaceError (down, no cable, no multicast, no address)."""
    try:
        index = socket.if_nametoindex(name)
    except (OSError, ValueError):
        index = 0
    if not index or len(name.encode()) > _NAME_BYTES_MAX:
        others = ", ".join(sorted(one for _, one in socket.if_nameindex())) or "none"
        raise NoSuchInterface(f"there is no interface {name!r}", hint=f"one of: {others}")
    with _socket(name) as asked:
        flags = int(struct.unpack_from("=H", _ask(asked, _SIOCGIFFLAGS, name))[0])
        if not flags & _UP:
            raise InterfaceError(f"interface {name} is down", hint=f"ip link set {name} up")
        if not flags & _RUNNING:
            raise InterfaceError(f"interface {name} has no link", hint="look at its cable and its switch")
        if not flags & (_MULTICAST | _LOOPBACK):
            raise InterfaceError(
                f"interface {name} carries no multicast", hint="the interface that the cameras are wired to"
            )
        try:
            address, mask = (
                socket.inet_ntoa(_ask(asked, request, name)[4:8])
                for request in (_SIOCGIFADDR, _SIOCGIFNETMASK)
            )
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise
            raise InterfaceError(
                f"interface {name} has no IPv4 address",
                hint=f"give it one of the cameras' network: ip address add 192.168.1.10/24 dev {name}",
            ) from None
    return Interface(name, index, IPv4Interface(f"{address}/{mask}"))


def _socket(name: str) -> socket.socket:
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    except PermissionError:
        raise NotAllowed(
            f"no right to open a socket for {name}", hint="as a user whom no sandbox keeps from the network"
        ) from None


def _ask(asked: socket.socket, request: int, name: str) -> bytes:
    """What the kernel says of an interface: the union within its struct ifreq."""
    return ioctl(asked, request, struct.pack("16s24x", name.encode()))[16:]


class Asking:
    """A socket that asks a multicast group on one interface, and hears what comes back to its port."""

    def __init__(self, interface: Interface) -> None:
        """Raises InterfaceError and NotAllowed."""
        self._interface = interface
        self._socket = _socket(interface.name)
        own = interface.address.ip.packed
        try:
            self._socket.setsockopt(
                socket.IPPROTO_IP,
                socket.IP_MULTICAST_IF,
                struct.pack("=4s4si", bytes(4), own, interface.index),
            )
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
            self._socket.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
            self._socket.bind((str(interface.address.ip), 0))
        except OSError as error:
            self._socket.close()
            raise InterfaceError(f"interface {interface.name}: {error.strerror}") from None

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes, group: tuple[str, int]) -> None:
        """Raises NotAllowed where a firewall holds it back, InterfaceError where the interface is gone."""
        try:
            self._socket.sendto(data, group)
        except PermissionError:
            raise NotAllowed(
                f"the system lets no question out on {self._interface.name}",
                hint=f"allow UDP to {group[0]} port {group[1]} in this machine's firewall",
            ) from None
        except OSError as error:
            raise InterfaceError(f"interface {self._interface.name}: {error.strerror}") from None

    def receive(self, bytes_max: int, wait_s: float) -> Datagram | None:
        """The next datagram, cut off at `bytes_max`; None when none came for `wait_s`."""
        self._socket.settimeout(max(wait_s, 0.001))
        try:
            data, told, flags, source = self._socket.recvmsg(bytes_max, socket.CMSG_SPACE(_PKTINFO_BYTES))
        except TimeoutError:
            return None
        except OSError as error:
            raise InterfaceError(f"interface {self._interface.name}: {error.strerror}") from None
        arrived = 0
        for level, kind, value in told:
            if (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
                arrived = int(struct.unpack_from("=i", value)[0])
        return Datagram(data, str(source[0]), arrived, not flags & socket.MSG_TRUNC)
