# shellcheck shell=bash
# No EFI, so no variable at all: the command line says which slot was booted.
machine -f bios esp root
entry active+0-4
entry passive+3
direct bootassess.slot=active test.pre=config-kexec
boot
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-4 -> passive\.conf by kexec'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1 via kexec'
expect_root passive
expect_boots 2 1
expect_entries active+0-4 passive+2-1
