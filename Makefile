# bootassess. `make help` lists the targets; every variable below can be set on the command line.
PREFIX      ?= /usr
DESTDIR     ?=
UNITDIR     ?= $(PREFIX)/lib/systemd/system
DRACUTDIR   ?= $(PREFIX)/lib/dracut/modules.d
MKINITCPIODIR ?= $(PREFIX)/lib/initcpio
INITRAMFSTOOLSDIR ?= $(PREFIX)/share/initramfs-tools
MANDIR      ?= $(PREFIX)/share/man
GENERATORDIR ?= $(PREFIX)/lib/systemd/system-generators
SHUTDOWNDIR ?= $(PREFIX)/lib/systemd/system-shutdown
SLEEPDIR    ?= $(PREFIX)/lib/systemd/system-sleep
CATALOGDIR  ?= $(PREFIX)/lib/systemd/catalog
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
# For another machine: its triplet, aarch64-linux-gnu, and the folder that has its headers and libraries.
CROSS       ?=
SYSROOT     ?=
ifeq ($(origin CC),default)
CC          := $(CROSS:%=%-)gcc
endif
READELF     ?= readelf
PKG_CONFIG  ?= $(if $(SYSROOT),PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
	PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(CROSS)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig )pkg-config
CLANG_FORMAT ?= clang-format
SHELLCHECK  ?= shellcheck
SCDOC       ?= scdoc
DOT         ?= dot
CFLAGS      ?= $(if $(filter 1,$(COV)),-O0,-Os)
V           ?= 0
DEV         ?= 0
SAN         ?= 0
COV         ?= 0
JOBS        ?= 2
MUST_RUN    ?= 0
# -s, or empty for packagers who strip themselves
STRIP       ?= -s $(CROSS:%=--strip-program=%-strip)
VERSION     := 0.1

MODE   := $(if $(filter 1,$(SAN)),san,$(if $(filter 1,$(COV)),cov,$(if $(filter 1,$(DEV)),dev,opt)))
B      := build/$(if $(CROSS),$(CROSS)/)$(MODE)
Q      := $(if $(filter 1,$(V)),,@)
export MUST_RUN JOBS

# Where a jump may go to, where the processor can tell.
MACHINE := $(or $(CROSS),$(shell $(CC) -dumpmachine))
PROTECTION := $(if $(filter x86_64-% i%86-%,$(MACHINE)),-fcf-protection) $(if $(filter aarch64-%,$(MACHINE)),-mbranch-protection=standard)

OUR_CFLAGS := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' -Isrc -Isrc/core \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef \
	-Wformat=2 -Wvla -Wcast-align -fno-common -ffunction-sections -fdata-sections \
	-fstack-protector-strong -fstack-clash-protection $(PROTECTION) -fPIE -fno-asynchronous-unwind-tables \
	$(if $(filter opt dev,$(MODE)),-flto -ffat-lto-objects) $(if $(filter 1,$(DEV)),-Werror)
OUR_CPPFLAGS := $(if $(filter opt dev,$(MODE)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
OUR_LDFLAGS := -pie $(if $(filter opt dev,$(MODE)),-flto) -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed -Wl,-O1 \
	-Wl,--hash-style=gnu -Wl,-z,separate-code -Wl,--build-id=none
ifeq ($(MODE),san)
OUR_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OUR_LDFLAGS += -fsanitize=address,undefined
endif
ifeq ($(MODE),cov)
OUR_CFLAGS += --coverage
OUR_LDFLAGS += --coverage
endif
ifneq ($(SYSROOT),)
OUR_CFLAGS += --sysroot=$(SYSROOT)
OUR_LDFLAGS += --sysroot=$(SYSROOT)
endif
LIBS := $(shell $(PKG_CONFIG) --libs blkid mount 2>/dev/null)
LIBS_CFLAGS := $(shell $(PKG_CONFIG) --cflags blkid mount libkmod zlib libzstd 2>/dev/null)

CORE    := $(wildcard src/core/*.c)
# Doors that only the companion uses: what is in the initramfs starts no other program.
DOORS_COMPANION := $(addprefix src/doors/,conf.c journal.c map.c notice.c process.c service.c textfile.c)
DOORS   := $(filter-out $(DOORS_COMPANION),$(wildcard src/doors/*.c))
LOADERS := $(wildcard src/loaders/*.c)
SHARED  := $(wildcard src/*.c)
INITRD  := $(wildcard initrd/*.c)
COMPANION := $(wildcard src/companion/*.c) $(DOORS_COMPANION)
UNIT    := $(wildcard tests/unit/test-*.c) $(wildcard tests/model/test-*.c) $(wildcard tests/doors/test-*.c) \
	$(wildcard tests/companion/test-*.c) $(wildcard tests/loaders/test-*.c)
$(B)/src/companion/generator.o: OUR_CPPFLAGS += -DUNITDIR='"$(UNITDIR)"'
obj      = $(patsubst %.c,$(B)/%.o,$(1))

all: $(B)/bootassess-initrd $(B)/bootassess

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(LIBS_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bootassess-initrd: $(call obj,$(INITRD) $(SHARED) $(LOADERS) $(DOORS) $(CORE))
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/bootassess: $(call obj,$(COMPANION) $(SHARED) $(LOADERS) $(DOORS) $(CORE))
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/%: $(B)/tests/%.o $(call obj,$(CORE))
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka

# Doors that can be tried without a machine.
$(B)/tests/doors/%: $(B)/tests/doors/%.o $(call obj,$(DOORS_COMPANION) src/doors/root.c src/doors/run.c src/doors/power.c src/doors/volume.c \
		src/doors/dir.c src/doors/esp.c src/doors/esp-copy.c src/doors/esp-dir.c \
		src/doors/volume-grow.c \
		src/doors/watchdog.c $(CORE))
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka

# Parts of the companion, on a machine that the test makes up.
$(B)/tests/companion/%: $(B)/tests/companion/%.o $(call obj,src/companion/restart.c src/companion/verb.c $(DOORS_COMPANION) \
		src/doors/root.c $(CORE))
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka

# A loader's functions between the core and doors that the test makes up.
$(B)/tests/loaders/%: $(B)/tests/loaders/%.o $(call obj,src/loaders/bootvars.c $(CORE))
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka

# The corpus replay: one program per parser, by gcc, so that every check runs it.
FUZZ    := $(patsubst tests/fuzz/fuzz-%.c,%,$(wildcard tests/fuzz/fuzz-*.c))
$(B)/tests/fuzz/replay-%: $(B)/tests/fuzz/fuzz-%.o $(B)/tests/fuzz/replay.o $(call obj,$(CORE))
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^

check: setup
	$(Q)tests/check all

check-fast: all
	$(Q)tests/check fast

check-unit: $(patsubst %.c,$(B)/%,$(UNIT))
	$(Q)tests/tap $^

check-fuzz: $(FUZZ:%=$(B)/tests/fuzz/replay-%)
	$(Q)tests/fuzz/replay $^

check-layers: all
	$(Q)READELF="$(READELF)" tests/layers $(B)

check-cli: all
	$(Q)tests/cli/run $(B)

check-run: all
	$(Q)tests/check-run/run $(B)
	$(Q)tests/recover-run/run $(B)
	$(Q)tests/hold-run/run $(B)
	$(Q)tests/initrd/run $(B)
	$(Q)tests/cli/foretold $(B)

check-fault: all
	$(Q)tests/fault/run $(B)

check-hostile: all
	$(Q)$(MAKE) --no-print-directory SAN=1 all
	$(Q)TRACED=build/opt tests/hostile/run build/san

check-units: all
	$(Q)tests/units/run $(B)

check-grub: all
	$(Q)tests/grub/run $(B)

check-hooks: all
	$(Q)tests/hooks/run
	$(Q)tests/hooks/generators

# Is each of the model's promises able to fail?
check-mutants: $(B)/tests/model/test-decide-all $(B)/tests/model/test-states
	$(Q)CC="$(CC)" tests/model/mutate $(B)

# AddressSanitizer and UBSan: all that starts our programs on this machine. The models play fewer devices; all of them: soak-san.
check-san:
	$(Q)MODEL_QUICK=1 $(MAKE) --no-print-directory SAN=1 check-unit check-fuzz
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) -Otarget SAN=1 check-cli check-run check-units check-grub

# Branches of src/core that unit tests, models and corpora take; at least COVERAGE_MIN (95) percent. VERBOSE=1 shows those that are not.
COVERING := $(FUZZ:%=build/cov/tests/fuzz/replay-%) \
	$(patsubst %.c,build/cov/%,$(filter tests/unit/% tests/model/%,$(UNIT)))
coverage check-coverage:
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) COV=1 $(COVERING)
	$(Q)tests/coverage build/cov $(COVERING)

analyze check-analyze:
	$(Q)CC="$(CC)" tests/analyze

check-uml: all
	$(Q)tests/uml/run $(B)

check-powercut: all
	$(Q)tests/powercut/run $(B)

check-qemu: all
	$(Q)tests/qemu/run $(TEST)

check-arm64:
	$(Q)tests/arm64/run

soak-hostile: all
	$(Q)$(MAKE) --no-print-directory SAN=1 all
	$(Q)TRACED=build/opt tests/hostile/run build/san --full

# The last line goes on until a boot goes wrong (ROUNDS=N: at most N rounds).
soak: all $(B)/tests/model/test-reset
	$(Q)MODEL_FULL=1 $(B)/tests/model/test-reset
	$(Q)POWERCUT_FULL=1 tests/powercut/run $(B)
	$(Q)FAULT_FULL=1 tests/fault/run $(B)
	$(Q)$(MAKE) --no-print-directory soak-model soak-tidy soak-hostile soak-corruptions soak-san
	$(Q)CUTS=200 tests/qemu/run 52
	$(Q)tests/qemu/run --soak

# The whole models with sanitizers, and the doors on user-mode Linux with UBSan, which needs no runtime there.
soak-san:
	$(Q)MODEL_FULL=1 $(MAKE) --no-print-directory SAN=1 check-unit
	$(Q)UML_CFLAGS="-fsanitize=undefined -fsanitize-undefined-trap-on-error" tests/uml/run build/ubsan

soak-tidy:
	$(Q)MUST_RUN=1 tests/analyze tidy

soak-model: $(B)/tests/model/test-decide-all $(B)/tests/model/test-states
	$(Q)MODEL_FULL=1 $(B)/tests/model/test-decide-all
	$(Q)MODEL_FULL=1 $(B)/tests/model/test-states

# Each of the seven corruptions, on each slot, in each form.
soak-corruptions: all
	$(Q)ALL=1 tests/qemu/run 63

# Every error of every system call of every verb.
soak-fault: all
	$(Q)FAULT_FULL=1 tests/fault/run $(B)

SHELL_SCRIPTS = $(wildcard src/completion/bootassess tests/qemu/lib*.sh tests/qemu/TEST-*/test.sh tests/qemu/set-ups/* hooks/*.sh hooks/mkinitcpio/hooks/* tests/hooks/initcpio/init) $(shell grep -rlE '^\#!(/bin/sh|/usr/bin/env bash|/bin/bash)' tests dracut hooks src/sleep .ci 2>/dev/null)
C_FILES = $(shell find src initrd tests -name '*.[ch]')
lint:
	$(Q)$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)
	$(Q)$(SHELLCHECK) -x $(SHELL_SCRIPTS)
	$(Q)$(MAKE) --no-print-directory DEV=1 all $(patsubst %.c,build/dev/%,$(UNIT))
	$(Q)tests/lint-size $(C_FILES)
	$(Q)for f in src/man/*.scd; do $(SCDOC) <$$f >/dev/null || exit 1; done
	$(Q)tests/stories

format:
	$(Q)$(CLANG_FORMAT) -i $(C_FILES)

# 60 s (SECONDS_EACH) of libFuzzer for each target, JOBS at a time; needs clang.
fuzz:
	$(Q)tests/fuzz/run $(FUZZ)

bench: all
	$(Q)tests/bench/run $(B)/bootassess-initrd

setup:
	$(Q)tests/setup

demo: setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/qemu/demo

# The picture of README: what `bootassess graph` says of a device as it is delivered. tests/cli checks that it is not stale.
picture: all
	$(Q)command -v $(DOT) >/dev/null || { echo "make picture: no $(DOT), package graphviz" >&2; exit 1; }
	$(Q)$(B)/bootassess graph --root=tests/roots/fresh >build/states.dot
	$(Q)$(DOT) -Tsvg -o build/states.svg build/states.dot
	$(Q)sed "1a <!-- make picture: $$(sha256sum <build/states.dot | cut -d ' ' -f 1) -->" build/states.svg >docs/states.svg

MAN := $(patsubst src/man/%.scd,build/man/%,$(wildcard src/man/*.scd))
man: $(MAN)
build/man/%: src/man/%.scd
	@mkdir -p $(@D)
	$(Q)$(SCDOC) <$< >$@

install: all
	install $(STRIP) -D -m 755 $(B)/bootassess-initrd $(DESTDIR)/usr/lib/bootassess/bootassess-initrd
	install $(STRIP) -D -m 755 $(B)/bootassess $(DESTDIR)$(PREFIX)/bin/bootassess
	install -D -m 644 src/completion/bootassess $(DESTDIR)$(BASHCOMPDIR)/bootassess
	install -D -m 644 src/completion/_bootassess $(DESTDIR)$(ZSHCOMPDIR)/_bootassess
	install -D -m 644 src/completion/bootassess.fish $(DESTDIR)$(FISHCOMPDIR)/bootassess.fish
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(DRACUTDIR)/50bootassess $(DESTDIR)$(GENERATORDIR)
	install -m 644 initrd/*.service $(DESTDIR)$(UNITDIR)/
	cd src/units && for f in *.service *.d/*.conf; do install -D -m 644 $$f $(DESTDIR)$(UNITDIR)/$$f || exit 1; done
	sed -i 's#=\(-\?\)/usr/bin/#=\1$(PREFIX)/bin/#' $(DESTDIR)$(UNITDIR)/bootassess-*.service
	ln -sfr $(DESTDIR)$(PREFIX)/bin/bootassess $(DESTDIR)$(GENERATORDIR)/bootassess-generator
	install -d $(DESTDIR)$(SHUTDOWNDIR)
	ln -sfr $(DESTDIR)$(PREFIX)/bin/bootassess $(DESTDIR)$(SHUTDOWNDIR)/bootassess-shutdown
	install -D -m 755 src/sleep/bootassess $(DESTDIR)$(SLEEPDIR)/bootassess
	sed -i 's#/usr/bin/#$(PREFIX)/bin/#' $(DESTDIR)$(SLEEPDIR)/bootassess
	install -D -m 644 src/bootassess.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/bootassess.conf
	install -D -m 644 src/bootassess.catalog $(DESTDIR)$(CATALOGDIR)/bootassess.catalog
	install -m 755 dracut/50bootassess/*.sh $(DESTDIR)$(DRACUTDIR)/50bootassess/
	install -D -m 644 hooks/initrd-config.sh $(DESTDIR)/usr/lib/bootassess/initrd-config.sh
	for f in install hooks; do install -D -m 755 hooks/mkinitcpio/$$f/bootassess $(DESTDIR)$(MKINITCPIODIR)/$$f/bootassess || exit 1; done
	cd hooks/initramfs-tools && for f in hooks/* scripts/*/*; do install -D -m 755 $$f $(DESTDIR)$(INITRAMFSTOOLSDIR)/$$f || exit 1; done
	install -D -m 644 src/bootassess.conf $(DESTDIR)/usr/lib/bootassess/bootassess.conf
	install -D -m 644 src/grub/bootassess.cfg $(DESTDIR)$(PREFIX)/share/bootassess/bootassess.cfg

install-man: man
	install -d $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(MANDIR)/man8
	for f in $(MAN); do install -m 644 $$f $(DESTDIR)$(MANDIR)/man$${f##*.}/; done

# The same bytes from the same commit, wherever it is made.
dist:
	git archive --format=tar --prefix=bootassess-$(VERSION)/ HEAD | gzip -n >build/bootassess-$(VERSION).tar.gz

help:
	@sed -n 's/^# `make/`make/p; s/^\([a-z-]*\):.*/  make \1/p' Makefile

clean:
	rm -rf build/opt build/san build/ubsan build/cov build/dev build/man build/aarch64-linux-gnu

-include $(patsubst %.o,%.d,$(call obj,$(CORE) $(DOORS) $(LOADERS) $(SHARED) $(INITRD) $(COMPANION) $(UNIT) $(wildcard tests/fuzz/*.c)))
.SECONDARY:
.PHONY: coverage check-coverage analyze check-analyze soak-san soak-tidy \
	all check check-fast check-unit check-fuzz check-layers check-cli check-fault check-run check-units check-hooks check-grub check-mutants check-san check-uml \
	check-powercut check-qemu check-arm64 soak soak-model soak-hostile soak-fault soak-corruptions lint format fuzz bench setup demo picture man install install-man dist help clean
