"""The lane's rules: facts in, state and events out.  No I/O, no clock, no asyncio.

step(lane, fact) -> Step(lane, events)      lane_controller/lane/step.py
lamp(lane), order(lane), requests(lane), next_deadline(lane)      views of the state: views.py
may_raise(lane), may_lower(lane)            barrier.py: the rule that decides whether the arm may move
decide(...)                                 decision.py: what the checks together allow
"""
