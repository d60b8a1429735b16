# shellcheck shell=bash
# The name that the loader would give the entry is taken by a leftover: it boots uncounted, for
# ever. bootassess says so and counts under the next name that is free.
machine esp root
entry active+3
ENTRY_LINUX=/missing entry active+2-1
entry passive+3
boot
expect 'bootassess: "loader/entries/active\+2-1\.conf" is in the way of the next count'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+1-2'
expect_root active
expect_boots 1
expect_entries active+1-2 active+2-1 passive+3
