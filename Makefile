# Two commands do everything on a fresh machine: `make demo` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PY := .venv/bin/python
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup train-setup demo test test-long measure lint lock docs screenshots clean

setup:
	@tools/setup.sh

# The environment in which the readers' networks are trained (training/README.md); tests use it if made.
train-setup:
	@tools/train_setup.sh

demo: setup
	@exec .venv/bin/borderlane demo $(if $(FOR),--for $(FOR))

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright
	.venv/bin/lint-imports --no-cache

# The parallel part leaves out what must have the machine to itself, which runs after it.  Four workers on two cores:
# tests wait for wires, processes and pages more than they compute.
test: lint
	$(PY) -m pytest -q -n 4 --dist loadgroup -m "not long and not serial"
	$(PY) -m pytest -q -m "serial and not long" || [[ $$? == 5 ]]

test-long: setup
	PROPERTIES=anew $(PY) -m pytest -q -m long -o faulthandler_timeout=7200

measure: setup
	$(PY) tools/measure.py $(if $(ONLY),--only '$(ONLY)') $(if $(FULL),--full)

# The pictures of the operator's guide and the README, taken by the test that walks through the guide.
screenshots: setup
	SCREENSHOTS=docs/images $(PY) -m pytest -q tests/dashboard/test_guide.py

docs: setup
	$(PY) tools/generate_docs.py

lock:
	$(PY) -m pip install -q uv
	$(PY) -m uv pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.11 -q -o requirements.lock

clean:
	rm -rf .venv .venv-train var build .pytest_cache .ruff_cache .hypothesis
