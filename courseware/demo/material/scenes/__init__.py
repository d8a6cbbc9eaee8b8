"""Moving drawings of the trade, each a function of canvas, phase and variation."""

from . import electric, maintain, office, plant, robot, safety, vision
from .registry import SCENES, Scene, choose

__all__ = ["SCENES", "Scene", "choose", "electric", "maintain", "office", "plant", "robot", "safety", "vision"]
