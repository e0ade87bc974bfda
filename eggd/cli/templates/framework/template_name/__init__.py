"""template_name: what all our apps rest on."""

from pathlib import Path

import eggd


class Application(eggd.Application):
    """The worker's side: a method that is overridden here is so in every app."""

    root = Path(__file__).parent


class Agent(eggd.Agent):
    """The agent's side."""

    root = Path(__file__).parent
