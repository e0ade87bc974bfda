"""Templates are read again after each change while an app is developed."""

view = {"cache": False}
