"""A strict local Slack for the demonstration and the tests, spoken to over the wire."""

from bot.sandbox.clock import Clock
from bot.sandbox.errors import ConfigRefused
from bot.sandbox.server import Sandbox
from bot.sandbox.world import World

__all__ = ["Clock", "ConfigRefused", "Sandbox", "World"]
