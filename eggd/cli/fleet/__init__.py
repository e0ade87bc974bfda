"""Deploys a release to several hosts, one after the other, by ssh: `eggd deploy --hosts`.

    targets.py     the hosts of the command line or of a file
    connection.py  runs eggd on a host by the system's ssh
    parcel.py      the archive that each host gets on its standard input
    requests.py    asks a host for its state, and for a deploy
    deployment.py  the command: from its options to the exit code
    roll.py        asks all hosts, then deploys to them in order; stops at the first failure
    report.py      the table and the JSON of which host runs which release

On a host `eggd releases --inspect` and `eggd deploy -` answer.
"""
