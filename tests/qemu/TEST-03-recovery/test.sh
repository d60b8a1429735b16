# shellcheck shell=bash
# Both system slots are exhausted, recovery is armed: the device reaches recovery.
# images: trixie
# soak: bookworm
machine esp root
loader_conf 'default active*'
entry active+0-4
entry passive+0-4
entry recovery+3
boot
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-5 -> recovery\.conf by firmware'
expect 'bootassess: assess: proceed \(trying\): recovery\.conf \+2-1'
expect_root recovery
expect_boots 2
expect_entries active+0-5 passive+0-4 recovery+2-1
