"""A strict simulator of the Avi Controller's REST API, for tests, demonstrations and benchmarks."""

from ako.sim.options import Baseline, SimulatorOptions
from ako.sim.server import Simulator

__all__ = ["Baseline", "Simulator", "SimulatorOptions"]
