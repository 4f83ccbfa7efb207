"""Password authenticated connection establishment (Doc 9303-11, section 4.4; BSI TR-03110-3, A.3 and B.1).

`choose` what the chip offers in EF.CardAccess, then `run` it.  One module a mapping; `protocol` is the
order of the steps, `exchange` their commands.
"""

from drivers.emrtd.pace.parameters import Offer, choose, offers
from drivers.emrtd.pace.protocol import PaceResult, run

__all__ = ["Offer", "PaceResult", "choose", "offers", "run"]
