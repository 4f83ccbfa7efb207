"""Rendered scenes with plates and their truth, to learn finding plates from.

Nothing here is taken from a photograph.
"""

from simulators.render.scenes.scene import PlateInScene, Scene, compose
from simulators.render.scenes.stages import TRAINING, Stage

__all__ = ["TRAINING", "PlateInScene", "Scene", "Stage", "compose"]
