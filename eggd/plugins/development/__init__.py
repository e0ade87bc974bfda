"""Built-in plugin development: reloads changed code in env local, and shows the last start.

agent.py      watches the app's code and asks the supervisor of the suite for new workers
app.py        prepares a worker: fast_ready, and the middleware of `/__loader_trace__`
section.py    the section `development` of the config
starts.py     reads the recorded starts of all processes
timeline.py   arranges the steps of a start in rows and marks the slow ones
page.py       the page `/__loader_trace__`, which draws them
"""
