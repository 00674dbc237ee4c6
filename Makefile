# For people; the build itself is meson and ninja.
build = build/release

all: build/sockctl

$(build)/build.ninja:
	meson setup $(build)

build/sockctl: $(build)/build.ninja
	ninja -C $(build) sockctl
	cp $(build)/sockctl build/sockctl

.PHONY: all build/sockctl
