# shellcheck shell=bash
# No rung is left: the device waits, gives every rung its tries again, and comes back by itself.
machine esp root
entry active+0-3 test.pre=config-hold
entry passive+0-9 test.pre=config-hold
entry recovery+0-4 test.pre=config-hold
boot
expect 'bootassess: assess: hold \(all-exhausted\): active\.conf \+0-4'
expect 'bootassess: waiting 3 s, then starting again'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1'
expect_root active
expect_boots 2
expect_entries active+2-1 passive+3-0 recovery+3-0
