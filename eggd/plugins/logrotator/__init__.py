"""logrotator: the agent renames the log files each night and has every process open new ones.

One process owns the names; the others reopen when told (`log-reload`), and find out by themselves
at their next flush should the message be lost.
"""
