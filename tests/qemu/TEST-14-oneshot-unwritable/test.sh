# shellcheck shell=bash
# Pinned and exhausted, and the EFI variables cannot be written: no one-shot. The next method leaves
# the choice to the loader: its default is changed in loader.conf, in place, and active goes last.
machine esp root
loader_conf 'default active*'
entry active+0-4 test.pre=efivars-ro
entry passive+3
boot
expect 'bootassess: cannot set LoaderEntryOneShot: Read-only file system'
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-5 -> passive\.conf by order'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1'
expect_root passive
expect_boots 2
expect_entries active+0-9 passive+2-1
