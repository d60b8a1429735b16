# shellcheck shell=bash
# One kexec per boot of the firmware: the slot that arrived by one fails, and is left by the
# firmware.
machine esp root broken
loader_conf 'default active*'
entry active+0-4 test.pre=config-kexec
entry passive+1 "root=$(root_is broken)" rootfstype=ext4 test.pre=config-kexec
entry recovery+3 test.pre=config-kexec
boot
expect 'bootassess: assess: proceed \(last-try\): passive\.conf \+0-1 via kexec'
expect 'bootassess: emergency: switch \(failed\): passive\.conf \+0-1 via kexec -> recovery\.conf by firmware; no kexec: hops'
expect 'bootassess: assess: proceed \(trying\): recovery\.conf \+2-1$'
expect_root recovery
expect_boots 3 2
expect_entries active+0-5 passive+0-1 recovery+2-1
