# shellcheck shell=bash
# stories: F17
# The root device never comes: the deadline moves on. (dracut with systemd waits for ever.)
# images: trixie
# soak: trixie-plain bookworm
machine esp root
entry active+1 "root=$(root_is missing)" rd.bootassess.deadline=20
entry passive+3
boot
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-1'
expect 'bootassess: deadline: switch \(failed\): active\.conf \+0-1 -> passive\.conf by firmware'
expect_root passive
expect_boots 2
expect_entries active+0-1 passive+2-1
