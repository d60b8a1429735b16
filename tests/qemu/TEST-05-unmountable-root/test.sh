# shellcheck shell=bash
# stories: F17
# The root device holds no file system: the emergency event moves on.
# images: bookworm
# soak: trixie trixie-plain
machine esp root broken
entry active+1 "root=$(root_is broken)" rootfstype=ext4
entry passive+3
boot
expect 'bootassess: emergency: switch \(failed\): active\.conf \+0-1 -> passive\.conf by firmware'
expect_root passive
expect_boots 2
expect_entries active+0-1 passive+2-1
