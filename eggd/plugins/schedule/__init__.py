"""Built-in plugin schedule: the agent runs jobs of `app/schedule/` at their times, in the workers.

cron.py         the times at which a cron expression is due
cron_fields.py  a cron expression as the values that match
zone.py         the offsets of a time zone
"""
