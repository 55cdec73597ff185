# Hearthline. `make demo` shows it, `make test` proves it; both set everything up first, once.
# Needs make and Python 3.11 or newer: make PYTHON=/path/to/python3.11 demo
# Arguments: make demo PORT=8090 DATA=/some/folder · make test ARGS="-k rsvp" · make lock UPGRADE=1

PYTHON ?= python3
BIN := .venv/bin
MADE := .venv/made
UV := $(BIN)/uv
INSTALL := $(UV) pip install --quiet --python $(BIN)/python

export UV_PYTHON_DOWNLOADS := never
# uv reads its own names only; whoever told pip of a mirror means uv too.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
# The machine's own certificates where it has any: a council's proxy signs with one that no package carries.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt),)
export UV_SYSTEM_CERTS ?= true
endif
unexport VIRTUAL_ENV PYTHONPATH
# Compiled once and kept: a process of ours starts in a third of the time, and a run of the tests starts many.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test check catalogues bench torture screenshots lock clean
.DELETE_ON_ERROR:

setup: $(MADE)/runtime $(MADE)/assets

demo: setup
	$(BIN)/hearthline demo $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA)) $(ARGS)

# One worker more than the two processors that this is meant for: some tests mostly wait.
test: check $(MADE)/machine
	$(BIN)/pytest -n 3 $(ARGS)

check: setup $(MADE)/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Bring texts/locales/*.po in line with the English sentences; docs/translations.md.
catalogues: setup
	$(BIN)/python tools/catalogues.py $(ARGS)

bench: setup $(MADE)/dev
	$(BIN)/python -m benchmarks $(ARGS)

# The long crash and race runs; `make test` has a short form of each.
torture: setup $(MADE)/dev
	$(BIN)/pytest -m torture --timeout 3600 $(ARGS)

screenshots: setup $(MADE)/dev $(MADE)/machine
	HEARTHLINE_SCREENSHOTS=docs/images $(BIN)/pytest tests/journeys/test_demo_in_browser.py $(ARGS)

# Without registry addresses and hash-checked. The runtime's versions are those that the tests ran with.
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	--python-version 3.11 $(if $(UPGRADE),--upgrade)
lock: $(MADE)/build
	$(COMPILE) pyproject.toml --extra reports --extra pdf --extra cluster --extra dev -o requirements-dev.lock
	$(COMPILE) pyproject.toml --extra reports -c requirements-dev.lock -o requirements.lock
	$(COMPILE) --group build -o requirements-build.lock
	$(COMPILE) --group node -o requirements-node.lock

clean:
	rm -rf .venv node_modules web/static/govuk dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Each stamp below is one finished step of the set-up; a step runs again when what it reads has changed.
$(MADE)/python: tools/make_venv.py
	@command -v $(PYTHON) >/dev/null || { echo "Hearthline needs Python 3.11 or newer; $(PYTHON) is not there."; exit 1; }
	$(PYTHON) tools/make_venv.py
	@mkdir -p $(MADE) && touch $@

$(MADE)/build: $(MADE)/python requirements-build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	@touch $@

$(MADE)/runtime: $(MADE)/build requirements.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(MADE)/assets: $(MADE)/build package-lock.json requirements-node.lock tools/govuk_assets.py
	$(BIN)/python tools/govuk_assets.py
	@touch $@

$(MADE)/dev: $(MADE)/runtime requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# Leaves no stamp where something is missing, so that the line naming it comes every time.
$(MADE)/machine: $(MADE)/build tools/machine_for_tests.py
	$(BIN)/python tools/machine_for_tests.py $@
