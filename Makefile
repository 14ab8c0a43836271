# Everything one does with the toolkit. The first command sets up .venv; after that nothing needs the internet.

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
# JupyterLab saves explorers with their notebook, so that they are seen when it is opened again
SETTINGS := $(VENV)/share/jupyter/lab/settings

# read by the recipes from the environment, so that a path may hold spaces and quotes
export FILM PYTHON SET

# what `make bench` runs: scripts as speed/colors, or the folders they are in; a whole film only by its name
SCRIPTS := $(sort $(patsubst benchmarks/%.py,%,$(wildcard benchmarks/*/*.py)))
FOLDERS := $(sort $(patsubst %/,%,$(dir $(SCRIPTS))))
UNKNOWN = $(filter-out $(FOLDERS) $(SCRIPTS),$(ONLY))
NAMED = $(or $(ONLY),$(FOLDERS))
CHOSEN = $(sort $(filter $(NAMED),$(SCRIPTS)) $(filter-out %/whole_film,$(filter $(NAMED:=/%),$(SCRIPTS))))

# runs on any Python, however old
CHECK := import sys; v = sys.version_info; sys.stdout.write("%d.%d.%d" % v[:3]); sys.exit(not (3, 11) <= v[:2] < (3, 14))

# MulticoreTSNE comes as source, with a build file that a recent CMake reads only if it is told how old it is. Without a
# compiler, or where it does not build, everything else works.
define MULTICORE
if $(PY) -c 'import MulticoreTSNE' 2>/dev/null; then :; else \
  printf '[build_ext]\ncmake_args=-DCMAKE_POLICY_VERSION_MINIMUM=3.5\n' > $(VENV)/multicore.cfg; \
  command -v cmake >/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check cmake; \
  PATH="$$PATH:$$(echo "$$PWD"/$(VENV)/lib/python*/site-packages/cmake/data/bin)" DIST_EXTRA_CONFIG="$$PWD/$(VENV)/multicore.cfg" \
    $(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt MulticoreTSNE >$(VENV)/multicore.log 2>&1 || \
    echo "MulticoreTSNE was not built (see $(VENV)/multicore.log): all but the projection multicore_tsne works. To have it: install a C++ compiler, then make multicore"; \
fi
endef

.DEFAULT_GOAL := help
.PHONY: help setup multicore notebooks lab test test-browser lint bench outputs clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(READY)  ## create .venv and install everything in it (the others do so too where it is missing)

multicore: $(READY)  ## build MulticoreTSNE, where set-up had no C++ compiler
	@$(MULTICORE)

notebooks: $(READY)  ## run all notebooks on the sample film, or on yours: make notebooks FILM=/path/to/film.mp4
	@set -f; for pair in $$SET; do set -- "$$@" --set "$$pair"; done; \
	$(PY) -m toolkit notebooks $${FILM:+--film "$$FILM"} "$$@"

lab: $(READY)  ## open JupyterLab on the notebooks
	@$(PY) -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks --LabApp.extension_manager=readonly $$([ "$$(id -u)" != 0 ] || echo --allow-root)

test: $(READY)  ## unit tests, then every notebook against its stored outputs
	$(PY) -m pytest
	$(PY) -m pytest --nbval --nbval-sanitize-with nbval.ini notebooks/

test-browser: $(READY)  ## the pages and JupyterLab in a headless Chromium (CHROMIUM=/path/to/it)
	$(PY) -m pytest tests/browser

lint: $(READY)  ## ruff for code and notebooks, which module may import which, and how long packages are
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports
	@$(PY) tests/lines.py

bench: $(READY)  ## measure what is promised, but for a whole film; or some of it: make bench ONLY="speed quality/layout"
	$(if $(UNKNOWN),$(error no benchmark is called $(UNKNOWN): choose from $(FOLDERS) $(SCRIPTS)))
	@failed=; for name in $(CHOSEN); do \
	  echo "== $$name"; $(PY) -m "benchmarks.$${name%/*}.$${name#*/}" || failed="$$failed $$name"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

outputs: $(READY)  ## for maintainers: run the notebooks on the sample film and store their outputs
	@$(PY) -m toolkit notebooks --in-place

clean:  ## remove .venv and caches; what you found, in out/, stays
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# The file appears when all is installed: a set-up that was interrupted starts afresh, one that is there is only updated.
$(READY): pyproject.toml constraints.txt
	@if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; else set -- python3 python3.13 python3.12 python3.11; fi; \
	seen=; for python; do \
	  if version=$$("$$python" -c '$(CHECK)' 2>/dev/null); then break; fi; \
	  seen="$${seen:+$$seen, }$$python is $${version:-missing}"; python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "The toolkit needs Python 3.11, 3.12 or 3.13, but $$seen: install one, or name it as in: make PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	echo "Setting up $(VENV) with Python $$version; this takes some minutes, once."; \
	if [ -e $(READY) ]; then rm $(READY); else "$$python" -m venv --clear $(VENV); fi
	@$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,bench]'
	@$(MULTICORE)
	@$(PY) -m jupyter labextension disable --level=sys_prefix @jupyterlab/apputils-extension:announcements >/dev/null 2>&1
	@mkdir -p $(SETTINGS) && printf '%s\n' '{"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": true}}' > $(SETTINGS)/overrides.json
	@touch $(READY)
