"""The plugin from its folder, so that it need not be installed."""

template_name = {"path": "../template_name"}
