"""The base of all our apps."""

from pathlib import Path

import eggd


class Application(eggd.Application):
    """The application in workers; a method that is overridden here changes every app."""

    root = Path(__file__).parent


class Agent(eggd.Agent):
    """The agent's side."""

    root = Path(__file__).parent
