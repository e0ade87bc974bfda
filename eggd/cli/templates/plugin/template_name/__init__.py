"""A plugin for eggd apps; the folder has the layout of an app."""
