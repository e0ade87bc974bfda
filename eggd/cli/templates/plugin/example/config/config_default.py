"""The app's values for the plugin's config."""

template_name = {"greeting": "good day"}

security = {"level": "strict"}
"""The protections of today's browsers; the default, "egg", is for apps that come from Egg."""
