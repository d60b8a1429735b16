# shellcheck shell=bash
# No slot is left, and the last one fails on its way to the root file system: recovery by kexec.
# images: trixie-plain
# soak: trixie

echo "from the emergency path:"
machine esp root broken
entry active+1 "root=$(root_is broken)" rootfstype=ext4 test.pre=config-kexec
entry passive+0-4
entry recovery+3
boot
expect 'bootassess: emergency: switch \(failed\): active\.conf \+0-1 -> recovery\.conf by kexec'
expect 'bootassess: assess: proceed \(trying\): recovery\.conf \+2-1 via kexec'
expect_root recovery
expect_boots 2 1
expect_entries active+0-1 passive+0-4 recovery+2-1

echo "from the deadline:"
machine esp root
entry active+1 "root=$(root_is missing)" rd.bootassess.deadline=15 test.pre=config-kexec
entry passive+0-4
entry recovery+3
boot
expect 'bootassess: deadline: switch \(failed\): active\.conf \+0-1 -> recovery\.conf by kexec'
expect 'bootassess: assess: proceed \(trying\): recovery\.conf \+2-1 via kexec'
expect_root recovery
expect_boots 2 1
expect_entries active+0-1 passive+0-4 recovery+2-1
