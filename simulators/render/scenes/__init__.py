"""Rendered scenes with plates and their truth: to learn finding plates from, and to measure plate readers on.

Nothing here is taken from a photograph.  Of the two stages, one to learn from and one to be measured on, none
shares a typeface of a slogan, a kind of lamp or a backdrop with the other (`stages.py`).
"""

from simulators.render.scenes.scene import PlateInScene, Scene, compose
from simulators.render.scenes.stages import PROOF, TRAINING, Stage

__all__ = ["PROOF", "TRAINING", "PlateInScene", "Scene", "Stage", "compose"]
