"""A lane's configuration: one TOML file, read once, never written (docs/configuration.md)."""

from lane_controller.daemon.configuration.loading import Configuration, DeviceSpec, RegisterSpec, load
from lane_controller.daemon.configuration.mistakes import ConfigurationError, Mistake

__all__ = ["Configuration", "ConfigurationError", "DeviceSpec", "Mistake", "RegisterSpec", "load"]
