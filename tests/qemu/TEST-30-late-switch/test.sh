# shellcheck shell=bash
# A switch from late userspace, when a kexec is refused: the firmware does it.
machine esp late
entry active "root=$(root_is late)" rw test.late=kexec-disabled,check:passive,switch:passive
entry passive+3 "root=$(root_is late)" rw
boot
expect 'TEST: failed check:passive: 1'
expect 'bootassess: switch: switch \(requested\): active\.conf -> passive\.conf by firmware; no kexec: disabled'
expect 'TEST: root reached.* test\.entry=passive( |$)'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1$'
expect_boots 2 2
expect_entries active passive
