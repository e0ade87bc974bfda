"""acme: what every web application at Acme rests on."""

from pathlib import Path

import eggd


class Application(eggd.Application):
    """The worker's side; override a method here and every app of the company has it."""

    root = Path(__file__).parent


class Agent(eggd.Agent):
    """The agent's side."""

    root = Path(__file__).parent
