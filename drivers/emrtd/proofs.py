"""What a chip proves of itself while it is read, each as a check that names what went wrong.

A chip that refuses, breaks the protocol or answers under wrong keys has failed: a copy does just that.
Only a lost tag is none of its doing, and is raised."""

from collections.abc import Callable, Sequence

from drivers.emrtd import active_authentication as active
from drivers.emrtd import chip_authentication as chip
from drivers.emrtd import public_keys, signed_data, terminal_authentication
from drivers.emrtd.apdu import Random
from drivers.emrtd.card_verifiable import Rights
from drivers.emrtd.channel import Channel
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.chip_authentication import ChipAuthenticationResult
from drivers.emrtd.errors import (
    EmrtdError,
    MalformedError,
    ProtocolError,
    SessionLost,
    StatusError,
    TerminalKeyError,
    UnsupportedError,
)
from drivers.emrtd.keys import EcDomain
from drivers.emrtd.lds import card_security, dg15
from drivers.emrtd.lds.security_infos import (
    ChipAuthenticationPublicKeyInfo,
    SecurityInfo,
    TerminalAuthenticationInfo,
    of_type,
)
from drivers.emrtd.pace import PaceResult, mapping_chip_authentication
from drivers.emrtd.public_keys import RsaKey
from drivers.emrtd.terminal_authentication import TerminalKey

CHIP_AUTHENTICATION = "chip_authentication"
ACTIVE_AUTHENTICATION = active.NAME
TERMINAL_AUTHENTICATION = "terminal_authentication"


def chip_authentication(
    channel: Channel, infos: Sequence[SecurityInfo], random: Random
) -> tuple[Check, ChipAuthenticationResult | None]:
    """Version 1 with the key of DG14, whose SecurityInfos are `infos`; the new session is in the channel."""
    offer = chip.choose(infos)
    if offer is None:
        if of_type(infos, ChipAuthenticationPublicKeyInfo):
            problem = "; ".join(chip.problems(infos)) or "no way of version 1 for the chip's keys"
            details: dict[str, object] = {"problem": problem}
            return Check(CHIP_AUTHENTICATION, Outcome.INCONCLUSIVE, "unsupported_key", details), None
        return Check(CHIP_AUTHENTICATION, Outcome.NOT_PERFORMED, "not_offered"), None
    details = {"cipher": offer.cipher.label, "domain": offer.domain.name}
    try:
        result = chip.run(channel, offer, random)
    except (StatusError, ProtocolError) as error:
        return _failed(CHIP_AUTHENTICATION, error, details), None
    return Check(CHIP_AUTHENTICATION, Outcome.PASSED, "chip_proved_its_key", details), result


def chip_authentication_mapping(result: PaceResult, card_security_file: bytes | None) -> Check:
    """Whether the chip that mapped by its static key holds the private one; EF.CardSecurity has the
    public."""
    name = mapping_chip_authentication.NAME
    domain, key, data = result.offer.domain, result.mapping_key, result.chip_authentication_data
    if not isinstance(domain, EcDomain) or not isinstance(key, tuple) or data is None:
        return Check(name, Outcome.FAILED, "no_chip_authentication_data")
    if card_security_file is None:
        return Check(name, Outcome.FAILED, "card_security_missing")
    try:
        infos = card_security.parse_content(signed_data.read(card_security_file, "EF.CardSecurity").content)
    except (MalformedError, UnsupportedError):
        return Check(name, Outcome.FAILED, "card_security_malformed")
    return mapping_chip_authentication.verify(domain, key, data, infos)


def mapping_refused(status: int) -> Check:
    """A chip that offers chip authentication mapping and does not do it: a copy has no key to do it with."""
    name = mapping_chip_authentication.NAME
    return Check(name, Outcome.FAILED, "chip_refuses", {"status": f"{status:04X}"})


def active_authentication(
    channel: Channel, dg15_file: bytes, infos: Sequence[SecurityInfo], random: Random, *, proved: bool
) -> Check:
    """The chip's signature by the key of DG15.  Where the chip has `proved` another key already, only if its
    answer fits a short frame: some chips lose the session over an extended one."""
    try:
        spki = dg15.parse(dg15_file)
        if proved and _signature_size(spki) > channel.data_max:
            return Check(active.NAME, Outcome.NOT_PERFORMED, "not_needed")
        return active.run(channel, spki, infos, random)
    except MalformedError:
        return Check(active.NAME, Outcome.FAILED, "malformed_key")
    except ProtocolError as error:
        return _failed(active.NAME, error, {})


def terminal(
    channel: Channel,
    key: TerminalKey,
    infos: Sequence[SecurityInfo],
    trust_points: Callable[[], Sequence[str]],
    identifier: bytes,
    proof: ChipAuthenticationResult,
) -> tuple[Check, Rights]:
    """Version 1, after chip authentication; what may be read then.  That a chip refuses this terminal says
    nothing against the chip."""
    versions = {info.version for info in of_type(infos, TerminalAuthenticationInfo)}
    if versions and 1 not in versions:
        return Check(TERMINAL_AUTHENTICATION, Outcome.INCONCLUSIVE, "version_unsupported"), Rights.NONE
    try:
        known = trust_points()
        rights = terminal_authentication.run(channel, key, known, identifier, proof.terminal_identity)
    except StatusError as error:
        details: dict[str, object] = {"status": f"{error.status:04X}", "step": error.command}
        return Check(TERMINAL_AUTHENTICATION, Outcome.INCONCLUSIVE, "chip_refuses", details), Rights.NONE
    except UnsupportedError:
        return Check(TERMINAL_AUTHENTICATION, Outcome.INCONCLUSIVE, "no_certificate_for_chip"), Rights.NONE
    except MalformedError:
        return Check(TERMINAL_AUTHENTICATION, Outcome.INCONCLUSIVE, "authorities_malformed"), Rights.NONE
    except TerminalKeyError as error:
        details = {"problem": str(error)}
        return Check(
            TERMINAL_AUTHENTICATION, Outcome.INCONCLUSIVE, "terminal_key_unusable", details
        ), Rights.NONE
    except ProtocolError as error:
        return _failed(TERMINAL_AUTHENTICATION, error, {}), Rights.NONE
    granted = [right.name for right in Rights if right & rights]
    return Check(TERMINAL_AUTHENTICATION, Outcome.PASSED, "terminal_accepted", {"rights": granted}), rights


def _signature_size(spki: bytes) -> int:
    try:
        key = public_keys.read(spki)
    except EmrtdError:
        return 0
    return key.size if isinstance(key, RsaKey) else 2 * key.curve.order_size


def _failed(name: str, error: StatusError | ProtocolError, details: dict[str, object]) -> Check:
    if isinstance(error, StatusError | SessionLost):
        return Check(name, Outcome.FAILED, "chip_refuses", details | {"status": f"{error.status:04X}"})
    return Check(name, Outcome.FAILED, "protocol_broken", details | {"problem": str(error)})
