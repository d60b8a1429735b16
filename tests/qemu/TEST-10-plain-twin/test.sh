# shellcheck shell=bash
# A twin without a counter beside the counted entry. The loader starts the counted one first, then,
# since that has a try less, the plain one, uncounted: the counted file is the state in both boots.
machine esp root
entry active+3
SORT_KEY=1 entry active
entry passive+3

boot
expect 'bootassess: "active\+2-1\.conf" on the ESP has a twin, "active\.conf" on the ESP, without a counter'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1'
expect_root active
expect_boots 1
expect_entries active active+2-1 passive+3

boot
expect 'bootassess: "active\+2-1\.conf" on the ESP has a twin, "active\.conf" on the ESP, without a counter'
expect 'bootassess: this boot of "active\+2-1\.conf" was not counted by the boot loader'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+1-2'
expect_root active
expect_boots 1
expect_entries active active+1-2 passive+3
