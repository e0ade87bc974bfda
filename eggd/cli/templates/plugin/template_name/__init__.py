"""template_name: a plugin of eggd apps; the folder is laid out as an app is."""
