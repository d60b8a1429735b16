# shellcheck shell=bash
# The root file system holds no init: the emergency event moves on.
# images: trixie-plain
# soak: trixie bookworm
machine esp root empty
entry active+1 "root=$(root_is empty)"
entry passive+3
boot
expect 'bootassess: emergency: switch \(failed\): active\.conf \+0-1 -> passive\.conf by firmware'
expect_root passive
expect_boots 2
expect_entries active+0-1 passive+2-1
