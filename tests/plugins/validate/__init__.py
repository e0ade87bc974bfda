"""Tests of the plugin validate."""
