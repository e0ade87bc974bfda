"""What the app chooses of the plugin's config."""

template_name = {"greeting": "good day"}
