"""The plugins that every app has unless it says otherwise."""

visits = True
