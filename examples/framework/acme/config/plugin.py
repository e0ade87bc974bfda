"""The plugins of every app; an app may switch them off."""

visits = True
