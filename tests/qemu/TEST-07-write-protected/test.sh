# shellcheck shell=bash
# The ESP lies on a write-protected disk: the loader cannot count. It is said, the boot is counted
# in an EFI variable, and goes on; so does the next one.
machine esp
disk root
entry active+3
entry passive+3
write_protect 0

for counter in 2-1 1-2; do
	boot
	expect 'bootassess: this boot of "active\+3\.conf" was not counted by the boot loader'
	expect 'bootassess: cannot rename "active\+3\.conf" on the ESP: .*, counting in an EFI variable'
	expect "bootassess: assess: proceed \(trying\): active\.conf \+$counter"
	expect_root active
	expect_boots 1
	expect_entries active+3 passive+3
done
