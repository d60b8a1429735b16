# shellcheck shell=bash
# A healthy armed slot: counted once, by the loader; goes on to its root file system.
# images: trixie-plain bookworm
# soak: trixie
machine esp root
entry active+3
entry passive+3
entry recovery+3
boot
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1'
refute 'bootassess: .*not counted'
expect_root active
expect_boots 1
expect_entries active+2-1 passive+3 recovery+3
