# For people; the build itself is meson and ninja. CI=true makes warnings errors.
build := build/release
asan := build/asan
options := $(if $(filter true,$(CI)),-Dwerror=true)
# What runs again under AddressSanitizer and UndefinedBehaviorSanitizer: everything that parses or touches memory.
asan_suites := --suite unit --suite contract --suite cli --suite fuzz --suite net

all: build/sockctl

# Never installs anything: says what is missing. `make test` and `make demo` install it.
check:
	@tools/bootstrap --check
bootstrap:
	@tools/bootstrap

# $(call setup,DIRECTORY,OPTIONS): configures once; later only what CI asks for.
define setup
	@if [ ! -f $(1)/build.ninja ]; then meson setup $(1) $(2) $(options); \
	 elif [ -n "$(options)" ]; then meson configure $(1) $(options); fi
endef

build/sockctl: check
	$(call setup,$(build),)
	ninja -C $(build)
	@ln -sfn release/sockctl build/sockctl

demo: bootstrap
	@$(MAKE) --no-print-directory build/sockctl
	tools/demo

# tally decides, from the logs. They are removed first: a run that never came to write its log is a failure, not the
# success of last week.
test: bootstrap
	@$(MAKE) --no-print-directory build/sockctl
	$(call setup,$(asan),-Db_sanitize=address$(comma)undefined -Db_lundef=false -Dc_args=-g1)
	ninja -C $(asan)
	@rm -f $(build)/meson-logs/testlog.json $(asan)/meson-logs/testlog.json
	@meson test -C $(build) --no-rebuild || true
	@meson test -C $(asan) --no-rebuild --timeout-multiplier 3 $(asan_suites) || true
	@tools/tally $(build)/meson-logs/testlog.json $(asan)/meson-logs/testlog.json

bench: build/sockctl
	tools/each bench

soak: build/sockctl
	tools/each tests/soak

lint: build/sockctl
	tools/lint

docs: build/sockctl
	ninja -C $(build) docs/manual

# Debian packages, in build/deb.
deb: bootstrap
	@tools/bootstrap deb
	tools/deb

# One file, build/static/sockctl, that needs no library where it runs. What the linker says of getaddrinfo and its like is
# answered in src/static/names.c.
static: bootstrap
	$(call setup,build/static,-Dstatic=true -Dbpf=enabled -Dtests=false -Dprefer_static=true -Doptimization=2 -Ddebug=false)
	ninja -C build/static sockctl

PREFIX ?= /usr/local
install: build/sockctl
	meson configure $(build) -Dprefix=$(PREFIX)
	meson install -C $(build) $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))

# Leaves the downloaded peers alone.
clean:
	rm -rf build/release build/asan build/clang build/sockctl build/deb build/static

comma := ,
.PHONY: all check bootstrap build/sockctl demo test bench soak lint docs deb static install clean
