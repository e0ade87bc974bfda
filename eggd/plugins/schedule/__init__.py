"""Built-in plugin schedule: the agent runs jobs of `app/schedule/` at their times, in the workers.

agent.py        makes `agent.schedule`
app.py          loads the jobs of a worker
app/extend      `app.run_schedule` and `app.schedules`
section.py      the section `schedule` of the config
loading.py      finds and loads the files of jobs
job.py          one job: its file, options and function
options.py      the options of a job, checked
types.py        types that no strategy has, for `eggd check`
cautions.py     times that are probably a mistake
places.py       the line of a file that sets an option
planner.py      `agent.schedule`: jobs, strategies and timers
strategy.py     when a job of a type is due, and which workers run it
cluster_strategy.py  type `cluster`: one worker of all hosts
claims.py       claims of ticks on a server that the hosts share
claim_scripts.py  their steps as Lua scripts
claim.py        `ctx.claim`: the claim that a job holds
shared.py       that server, as the agent reaches it
every.py        ticks of an interval on the wall clock; the latest tick
job_timer.py    the ticks of one job
dispatcher.py   sends runs to workers and follows them
record.py       ticks and runs, stored for a restarted agent
runner.py       runs jobs in a worker
cron.py         the times at which a cron expression is due
cron_fields.py  a cron expression as the values that match
zone.py         the offsets of a time zone
"""

from __future__ import annotations

from eggd.plugins.schedule.claim import Claim
from eggd.plugins.schedule.strategy import ScheduleStrategy, TimerScheduleStrategy

__all__ = ["Claim", "ScheduleStrategy", "TimerScheduleStrategy"]
