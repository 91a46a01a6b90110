# Two commands do everything on a fresh machine with Python 3.11+: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SUITE := not compose$(if $(GRADUS_THOROUGH),, and not docker and not long)

.DEFAULT_GOAL := help
.PHONY: help setup assets sandbox images stand-ins demo up test lint format verify bench bench-board bench-exam bench-gradebook bench-similarity compose-test attacks soak chaos fuzz clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(READY): pyproject.toml constraints.txt
	@echo "==> virtual environment and pinned packages (about a minute the first time)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "==> no virtual environment: $(PYTHON) lacks venv or pip; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

setup: $(READY) ## make .venv and install the pinned packages

ASSETS := server/web/static/vendor/.ready
$(ASSETS): $(READY) package.json package-lock.json
	@$(BIN)/python -m server.web.assets && touch $@ || echo "==> no scripts: the pages work without them, only less lively"

assets: $(ASSETS) ## bring the third-party JavaScript of package-lock.json

WHEELS := build/wheels/.ready
$(WHEELS): $(READY) pyproject.toml constraints.txt
	@echo "==> wheels for the platform's image"
	@rm -rf build/wheels && mkdir -p build/wheels
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
		> build/requirements.txt
	@sed -n 's/ *;.*//p' constraints.txt >> build/requirements.txt  # the image's Python may be a patch release older
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --python-version 3.11 --only-binary :all: \
		-c constraints.txt -r build/requirements.txt setuptools --dest build/wheels
	@touch $@

sandbox: $(READY) ## build the image of the Docker sandbox, where an engine answers (docs/operators.md)
	@$(BIN)/gradus sandbox build || echo "==> no Docker sandbox here: bubblewrap is used, and the tests that need Docker are skipped"

images: $(WHEELS) $(ASSETS) ## build the images of the sandbox and of the platform (docs/operators.md)
	@$(BIN)/gradus sandbox build
	@docker build --quiet --tag gradus:latest .

demo: $(READY) $(ASSETS) ## start everything with a sample course and real submissions (EXIT=1: stop when all is graded)
	@$(BIN)/gradus demo $(if $(EXIT),--exit) $(if $(FRESH),--fresh) $(if $(PORT),--port $(PORT))

up: $(READY) $(ASSETS) ## start everything, empty (PORT=8000, WORKERS=1)
	@$(BIN)/gradus up $(if $(PORT),--port $(PORT)) $(if $(WORKERS),--workers $(WORKERS))

test: $(READY) $(ASSETS) sandbox ## the suite: style, tests, and every assignment proves itself (PROCESSES=2 SEEDS=2; GRADUS_THOROUGH=1: and all that takes long)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/python -m pytest -n $(or $(PROCESSES),2) --dist loadgroup -m '$(SUITE)' $(PYTEST); suite=$$?; \
		if [ $$suite = 1 ]; then echo "==> what failed, once more with the machine to itself; if it passes now, look for what it waited for"; \
		$(BIN)/python -m pytest --last-failed; suite=$$?; fi; $(BIN)/gradus verify --seeds $(or $(SEEDS),2) && exit $$suite

lint: $(READY) ## style only
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(READY) ## rewrite the code in our style
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

verify: $(READY) ## every assignment proves itself (NAME=mlp: only that one)
	@$(BIN)/gradus verify $(NAME)

bench: $(READY) ## what one submission costs above running its checks in one process
	@$(BIN)/python -m bench.overhead

bench-gradebook: $(READY) ## the gradebook of 300 students against plain queries over the same rows (half a minute)
	@$(BIN)/python -m bench.gradebook

bench-board: $(READY) ## a board of 100 000 rows under load, and what probing it gains with and without the Ladder (two minutes)
	@$(BIN)/python -m bench.leaderboard
	@$(BIN)/python -m bench.ladder

PEERS := build/compare50/.ready bench/dolos/node_modules/.ready
build/compare50/.ready: bench/compare50/requirements.txt
	@echo "==> compare50 in a virtual environment of its own"
	@$(PYTHON) -m venv build/compare50
	@build/compare50/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench/dolos/node_modules/.ready: bench/dolos/package.json bench/dolos/package-lock.json
	@echo "==> the engine of Dolos (450 MB)"
	@npm ci --silent --no-audit --no-fund --prefix bench/dolos && touch $@ || echo "==> no Dolos: npm and Node.js 20 are needed"

bench-similarity: $(READY) $(PEERS) ## time and memory of comparing 500 works, beside compare50 and Dolos (WORKS=500)
	@$(BIN)/python -m bench.similarity --works $(or $(WORKS),500)

build/locust/.ready: bench/locust/requirements.txt
	@echo "==> Locust in a virtual environment of its own"
	@$(PYTHON) -m venv build/locust
	@build/locust/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench-exam: $(READY) build/locust/.ready ## 300 students in one exam: start, save every 5 s, hand in together (five minutes; STUDENTS=300)
	@$(BIN)/python -m bench.exam --students $(or $(STUDENTS),300)

fuzz: $(READY) ## atheris against the reading of what a sandbox sends, for a minute (SECONDS=600: longer)
	@mkdir -p build && $(BIN)/python -m tests.fuzz.fuzz_frames -max_total_time=$(or $(SECONDS),60) -artifact_prefix=build/

stand-ins:
	@.ci/stand-ins

compose-test: stand-ins images ## bring docker-compose.yml up for real and grade through it, four minutes
	@$(BIN)/python -m pytest tests/compose -m compose

attacks: $(READY) ## every attack on every kind of sandbox, as a table (ONLY=word, ON="docker fork", JOBS=1, WRITE=1: into docs/security.md)
	@$(BIN)/python -m tests.attacks.matrix $(if $(ONLY),--only $(ONLY)) $(if $(ON),--on "$(ON)") $(if $(JOBS),--jobs $(JOBS)) $(if $(WRITE),--write)

soak: $(READY) ## hostile and honest submissions mixed through one worker's sandboxes (N=2000)
	@$(BIN)/python -m tests.attacks.soak $(or $(N),2000)

chaos: $(READY) ## kill workers and containers and stop an engine under load, count what is lost; as root, ten minutes (JOBS=60)
	@$(BIN)/python -m bench.chaos $(if $(JOBS),--jobs $(JOBS))

clean: ## remove the virtual environment, the assets and the embedded data of this folder
	@rm -rf $(VENV) server/web/static/vendor node_modules .gradus
