"""The command `eggd`, the only part of eggd that talks to a person.

A command is a module of its own name, imported only when it runs:

    init.py  dev.py  types.py  keys.py  i18n.py  test.py  cov.py            develop
    start.py  stop.py  restart.py  reload.py  status.py  scale.py  listen.py    run
    app.py  credential.py  sandbox.py
    deploy.py  rollback.py  releases.py                                     release
    check.py  plugins.py  config.py  routes.py  schedule.py  doctor.py      inspect
    hosts.py  logs.py  top.py
    completion.py  version.py

What they share:

    main.py            the group `eggd`; what errors and exit codes look like
    commands.py        the list of the commands above, from which `eggd --help` is made
    group.py           a click group that imports no command for its help and suggests names
    agent_request.py   a request to the agent of a running suite, by its control socket
    discovery.py       the commands of apps, plugins and packages, without running their code
    subgroup.py        the click groups of these commands
    command_loader.py  loads and runs these commands
    parameters.py      arguments and options that several commands have
    output.py          tables, JSON, notes and warnings
    progress.py        a line for work that takes more than a second
    current_app.py     the app that a command loads
    loading.py         output and exit of the app's code while a command loads it
    confinement.py     runs the code of an app for root, in a child; relay.py passes on its output
    relay.py           reads the output of a child process, within limits
    options.py         the options of `eggd start`, also from pyproject.toml and variables
    launch.py          turns options into a suite that a supervisor runs
    directive_lists.py the text of `eggd start --explain`
    debugger.py        `eggd dev --debug`
    backend.py         chooses systemd (suite.py) or a supervisor (local.py)
    rollout.py         puts a release in service, for `deploy` and `rollback`
    draining.py        takes this host out of its load balancer before that
    fleet/             `deploy --hosts`: a release to several hosts by ssh
    inspection.py      the state of a host, as `deploy --hosts` asks for it
    suite.py           the suite that systemd runs
    local.py           the suite that a supervisor runs, as `status` reads it
    view.py            the data of `eggd status`
    status_table.py    its tables; dependency_table.py has the rows of one
    refusals.py        what the sandbox refused, by the texts of errors, for `sandbox explain`
    applist.py         the data of `eggd app list`
    logview/           the entries of log files and the journal, for `logs`
    topview/           the figures of workers, for `top`
    stubs/             the files that `types` writes
    pytest_run.py      the pytest run of `test` and `cov`
    coverage_run.py    the script by which `cov` replaces itself
    diagnosis/         the checks of `doctor`
    templates/         the projects that `init` creates

`eggd --help` imports nothing of an app, since it has to be fast.
"""
