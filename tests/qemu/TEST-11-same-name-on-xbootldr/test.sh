# shellcheck shell=bash
# An entry of the same name on the ESP and on XBOOTLDR. The loader counts one of them a boot, in
# turn, and never says on which partition: where both show the name, neither is renamed by us.
machine esp xbootldr root
entry active+3
SORT_KEY=1 entry -on xbootldr active+3
entry passive+3

boot
expect 'bootassess: "active\+2-1\.conf" on the ESP has a twin, "active\+3\.conf" on XBOOTLDR, with another counter'
expect_root active
expect_boots 1
expect_entries active+2-1 passive+3
expect_entries -on xbootldr active+3

boot
expect '"active\+2-1\.conf" on the ESP has a twin, "active\+2-1\.conf" on XBOOTLDR, and nothing says which one was booted'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1'
expect_root active
expect_boots 1
expect_entries active+2-1 passive+3
expect_entries -on xbootldr active+2-1
