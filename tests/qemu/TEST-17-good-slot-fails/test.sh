# shellcheck shell=bash
# stories: F30
# A blessed slot that rots: its first failure gives it a counter, and when that is used up the next
# rung follows.
machine esp root broken
entry active "root=$(root_is broken)" rootfstype=ext4
entry passive+3
boot
expect 'bootassess: emergency: retry \(good\): active\.conf'
expect 'bootassess: emergency: retry \(failed\): active\.conf \+1-2'
expect 'bootassess: emergency: switch \(failed\): active\.conf \+0-3 -> passive\.conf by firmware'
expect_root passive
expect_boots 4
expect_entries active+0-3 passive+2-1
