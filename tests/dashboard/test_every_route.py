"""Who may use which route.  The table names every route of the router: one that is missing fails."""

import asyncio

import httpx

from lane_controller.messages.words import UserRole
from tests.dashboard.every_route import NEEDS, WITHOUT_SESSION, every_route, filled
from tests.dashboard.fake_lane import referred
from tests.dashboard.running import USERS, Running, signed_in
from tests.dashboard.test_api import lanes_of, published

LETTERS = {
    "O": UserRole.OPERATOR,
    "S": UserRole.SECOND_LINE,
    "L": UserRole.SHIFT_LEADER,
    "A": UserRole.AUDITOR,
    "M": UserRole.ADMINISTRATOR,
}
ALL = "OSLAM"
ROUTES = {
    # What a role may ask a lane for is the lane's own rule and not the route's: it answers with reasons.
    "GET /": ALL,
    "GET /lanes/{lane}": ALL,
    "GET /lanes/{lane}/view": ALL,
    "GET /lanes/{lane}/commands/{kind}": ALL,
    "POST /lanes/{lane}/commands/{kind}": ALL,
    "POST /commands/{command}/repeat": ALL,
    "GET /alarms": ALL,
    "POST /alarms/{lane}/acknowledge": ALL,
    "GET /passages": ALL,
    "GET /passages/{lane}/{journal}/{passage}": ALL,
    "GET /passages/{lane}/{journal}/{passage}/card": "OSL",
    "POST /passages/{lane}/{journal}/{passage}/export": "OSLA",
    "GET /shifts": ALL,
    "POST /shifts/{lane}": ALL,
    "GET /shifts/offered": ALL,
    "GET /hand-over": ALL,
    "POST /hand-over": ALL,
    "GET /hand-overs/{hand_over}": ALL,
    "POST /hand-overs/{hand_over}/take-over": ALL,
    "POST /passages/export": ALL,
    "GET /holds": ALL,
    "GET /requests": ALL,
    "POST /requests/{request_id}/{answer}": ALL,
    "GET /second-line": "S",
    "GET /second-line/{lane}/{journal}/{passage}": "S",
    "POST /second-line/{lane}/{journal}/{passage}": "S",
    "GET /alarms/stale": ALL,
    "GET /alarms/chattering": ALL,
    "GET /alarms/figures": "LA",
    "GET /alarms/{lane}/shelve": ALL,
    "POST /alarms/{lane}/shelve": ALL,
    "POST /alarms/shelves/{shelf}/take-back": ALL,
    "POST /lanes/{lane}/live": ALL,
    "GET /lanes/{lane}/live/{look}": ALL,
    "GET /given-reasons": "LA",
    "POST /account/volume": ALL,
    "POST /account/keys": ALL,
    "GET /keys": ALL,
    "GET /account": ALL,
    "POST /account/preferences": ALL,
    "POST /account/password": ALL,
    "POST /sign-out": ALL,
    "GET /audit": "A",
    "GET /users": "M",
    "POST /users": "M",
    "POST /users/{name}/{change}": "M",
    "GET /workplaces": "M",
    "POST /workplaces": "M",
    "POST /workplaces/{name}/withdraw": "M",
    "GET /media/{lane}/{sha256}": ALL,
    "GET /api/v1/openapi.json": ALL,
    "GET /api/v1/lanes": ALL,
    "GET /api/v1/lanes/{lane}": ALL,
    "POST /api/v1/lanes/{lane}/commands": ALL,
    "POST /api/v1/commands/{command}/repeat": ALL,
    "GET /api/v1/alarms": ALL,
    "POST /api/v1/site/alarms/{alarm}/acknowledge": ALL,
    "GET /api/v1/alarms/sounding": ALL,
    "GET /api/v1/alarms/stale": ALL,
    "GET /api/v1/alarms/chattering": ALL,
    "GET /api/v1/alarms/figures": "LA",
    "POST /api/v1/alarms/{lane}/{alarm}/shelve": ALL,
    "DELETE /api/v1/shelves/{shelf}": ALL,
    "POST /api/v1/lanes/{lane}/live": ALL,
    "GET /api/v1/lanes/{lane}/live/{look}": ALL,
    "GET /api/v1/lanes/{lane}/live/{look}/still": ALL,
    "GET /api/v1/given-reasons": "LA",
    "GET /api/v1/passages": ALL,
    "GET /api/v1/passages/{lane}/{journal}/{passage}": ALL,
    "GET /api/v1/shifts": ALL,
    "GET /api/v1/passages/hours": ALL,
    "POST /api/v1/passages/export": ALL,
    "GET /api/v1/hand-overs": ALL,
    "GET /api/v1/open-matters": ALL,
    "POST /api/v1/hand-overs": ALL,
    "GET /api/v1/hand-overs/{hand_over}": ALL,
    "POST /api/v1/hand-overs/{hand_over}/take-over": ALL,
    "GET /api/v1/holds": ALL,
    "GET /api/v1/requests": ALL,
    "POST /api/v1/requests/{request}/confirm": ALL,
    "POST /api/v1/requests/{request}/decline": ALL,
    "GET /api/v1/second-line": "S",
    "GET /api/v1/second-line/{lane}/{journal}/{passage}": "S",
    "POST /api/v1/second-line/{lane}/{journal}/{passage}/records": "S",
    "GET /api/v1/users": "M",
    "GET /api/v1/audit": "A",
    "GET /api/v1/workplaces": "M",
    "GET /api/v1/service": "MA",
    "GET /api/v1/stream": ALL,
}
NOTHING_THERE = {
    "GET /lanes/{lane}/commands/{kind}",
    "GET /alarms/{lane}/shelve",
    "GET /lanes/{lane}/live/{look}",
    "GET /api/v1/lanes/{lane}/live/{look}",
    "GET /api/v1/lanes/{lane}/live/{look}/still",
    "GET /hand-over",
    "GET /api/v1/open-matters",
    "GET /hand-overs/{hand_over}",
    "GET /api/v1/hand-overs/{hand_over}",
}
"""404 or 409: a kind that the role may never ask for, and what only ever is there for a moment."""


async def status_of(client: httpx.AsyncClient, method: str, path: str) -> int:
    """Without the body: the stream has no end."""
    async with client.stream(method, path) as answer:
        return answer.status_code


async def test_every_role_gets_what_is_its_on_every_route_and_nothing_else(dashboard: Running) -> None:
    names = {role: name for name, (role, _) in USERS.items()}
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        referred(lane)
        await published(lane)
        values = {
            "lane": "cargo-1",
            "journal": lane.journal,
            "passage": 1,
            "sha256": lane.sent_media[0],
            "kind": "hold",
            "command": "0" * 32,
            "request": "0" * 32,
            "request_id": "0" * 32,
            "answer": "confirm",
            "alarm": "none",
            "name": "nobody",
            "change": "disable",
            "shelf": "0" * 16,
            "look": "0" * 32,
            "hand_over": "0" * 32,
        }
        routes = [one for one in every_route(dashboard.service) if one not in WITHOUT_SESSION]
        assert set(routes) == set(ROUTES), "a route without an entry, or an entry without a route"
        assert len(routes) == len(set(routes)), "a path is routed twice"
        nobody = httpx.AsyncClient(base_url=dashboard.url, timeout=20)

        async def goes_through(letter: str, role: UserRole) -> list[str]:
            client = await signed_in(dashboard.url, names[role])
            wrong: list[str] = []
            for route in sorted(routes, key=lambda one: one == "POST /sign-out"):
                method, path = route.split(" ")
                status = await status_of(client, method, filled(path, values) + NEEDS.get(route, ""))
                may = letter in ROUTES[route]
                fine = status not in (401, 403) and status < 500 if may else status == 403
                if may and method == "GET":
                    fine = status == 200 or (route in NOTHING_THERE and status in (404, 409))
                if not fine:
                    wrong.append(f"{role}: {route}: {status}")
            return wrong

        async def nobody_goes_through() -> list[str]:
            statuses = {route: await status_of(nobody, *filled(route, values).split(" ")) for route in routes}
            return [f"nobody: {route}: {status}" for route, status in statuses.items() if status != 401]

        wrong = await asyncio.gather(
            nobody_goes_through(), *(goes_through(letter, role) for letter, role in LETTERS.items())
        )
        assert [line for lines in wrong for line in lines] == []
