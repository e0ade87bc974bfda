"""The app's values for the plugin's config."""

template_name = {"greeting": "good day"}
