# shellcheck shell=bash
# Pinned and exhausted, and neither the ESP nor an EFI variable can be written: nothing could be
# different after a restart. The device boots on, and does not restart for ever.
machine esp
disk root
loader_conf 'default active*'
entry active+0-4 test.pre=efivars-ro
entry passive+3
write_protect 0
boot
expect 'TEST: prepared efivars-ro'
expect 'bootassess: assess: proceed \(cannot-switch\): active\.conf \+0-4'
expect_root active
expect_boots 1
expect_entries active+0-4 passive+3
