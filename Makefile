# Every target does its own set-up: a machine with Python 3.11+ and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# What the image is called, and what it is built on; an empty BASE is that of the Containerfile.
IMAGE ?= ako:$(shell sed -n "s/^version = //p" setup.cfg)
BASE ?=

# What is compiled is kept, whatever the machine says: hundreds of processes of the tests load the same modules.
export PYTHONDONTWRITEBYTECODE =

.PHONY: test warm alerts envtest chart tables demo bench campaign soak pages lint types contracts check lock clean \
	image image-folder image-test sbom secrets

$(STAMP): setup.cfg constraints.txt
	@echo "installing what is needed into $(VENV): a minute or two the first time, and not again"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports
	$(BIN)/python -m tests.contract.house

check: lint types contracts

# The types take as long as many tests, so that one of the tests looks at them, beside the others. Tests wait more than
# they compute, so that there are more workers than cores; who has none left takes from those who have (worksteal).
test: $(STAMP)
	@$(MAKE) --no-print-directory --jobs 3 lint contracts warm
	$(BIN)/pytest -n 6 --dist worksteal

# Compile everything once, so that not each worker does.
warm: $(STAMP)
	@$(BIN)/python -m compileall -q ako bench examples tests
	@$(BIN)/pytest --collect-only -q > /dev/null || true  # what is wrong is told by the run itself

# The same on a real API server, with the rights that the controller ships with: etcd and kube-apiserver are taken from
# the folder that KUBEBUILDER_ASSETS names.
envtest: $(STAMP)
	@$(BIN)/python -m tests.envtest

# What of the chart is generated: its schema, its rights, its dashboard, its page, and deploy/ako.yaml.
chart: $(STAMP)
	@$(BIN)/python -m tests.chart

# What of docs/ is made of what the program or the tests know: tables, and the reference for plugins.
tables: $(STAMP)
	@$(BIN)/python -m tests.core.settings.reference
	@$(BIN)/python -m tests.conformance.page
	@$(BIN)/python -m tests.scenarios.faq_table --write
	@$(BIN)/python -m tests.traffic.mutations.page
	@$(BIN)/python -m tests.contract.reference
	@$(BIN)/python -m tests.core.model.page
	@$(BIN)/python -m tests.explain

# The rules for Prometheus, by its own tool, which reads what deploy/monitoring has.
alerts:
	@command -v promtool > /dev/null || { echo "promtool is missing: install Prometheus (Debian: apt-get install prometheus), or put promtool into PATH"; exit 1; }
	promtool check rules deploy/monitoring/alerts.yaml
	promtool test rules deploy/monitoring/alerts-test.yaml

demo: $(STAMP)
	@$(BIN)/ako demo
	@echo "   ako is $(BIN)/ako; to type it as ako:  export PATH=\"$(CURDIR)/$(BIN):\$$PATH\""

# The long form of what `make test` samples: random schedules of faults, a kill at every single request, every documented
# rule broken, clients that ask while things change, and every example of the properties.
campaign: $(STAMP)
	$(BIN)/python -m tests.campaign --schedules 500
	$(BIN)/python -m tests.campaign.crash
	$(BIN)/python -m tests.campaign.mutants
	$(BIN)/python -m tests.traffic.updates
	$(BIN)/python -m tests.traffic.mutations
	$(BIN)/python -m tests.monitoring
	$(BIN)/python -m tests.wrongs
	$(BIN)/pytest -n 4 -m "hypothesis or campaign" --hypothesis-profile campaign

# Known secrets through every command and every fault, and all that comes out searched for them.
secrets: $(STAMP)
	$(BIN)/pytest -n 4 -m "campaign or not campaign" tests/secrets

# Thousands of Ingresses in churn, every fault again and again, and at the end nothing too much and nothing missing.
soak: $(STAMP)
	$(BIN)/python -m tests.soak --minutes 3 --ingresses 2000

bench: $(STAMP)
	$(BIN)/python -m bench
	$(BIN)/python -m tests.campaign.safety

# The pages of docs/ as a site, in build/pages; a link that leads nowhere or a page that is in no menu is an error.
pages: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "build/pages/index.html"

# With podman, buildah or docker. Where none is, `image-folder` does what its stages do, and `image-test` starts that as
# another user, without rights, where nothing can be written and no other program is.
image:
	@$(PYTHON) deploy/image.py build --tag '$(IMAGE)' --base '$(BASE)'

image-folder:
	@$(PYTHON) deploy/image.py wheels build/image/wheels
	@$(PYTHON) deploy/image.py install build/image/wheels build/image/folder

image-test: $(STAMP)
	$(BIN)/pytest -m "campaign or not campaign" tests/image

# What is in the folder of the image, as CycloneDX.
sbom: $(STAMP) image-folder
	@$(BIN)/python deploy/sbom.py build/image/folder dist/ako.cdx.json

lock:
	uv pip compile setup.cfg --extra dev --universal --no-header --no-annotate --output-file constraints.txt
	uv pip compile setup.cfg --constraint constraints.txt --overrides deploy/not-in-image.txt --universal \
		--generate-hashes --no-header --no-annotate --output-file deploy/requirements.txt
	sed -n 's/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml | uv pip compile - --constraint constraints.txt --universal \
		--generate-hashes --no-header --no-annotate --output-file deploy/build-requirements.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
