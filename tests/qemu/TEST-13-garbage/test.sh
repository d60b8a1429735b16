# shellcheck shell=bash
# Whatever the ESP, the variables or the config hold: the boot goes on.
# images: trixie.two trixie.garbage trixie.variables
# soak: trixie.none trixie.empty trixie.typos
case $PART in
none)
	machine root
	direct
	boot
	expect 'bootassess: assess: proceed \('
	expect_root direct
	;;
two)
	# And no boot loader that says which.
	machine esp esp2 root
	direct
	boot
	expect 'bootassess: 2 ESPs, and nothing says which one was booted from'
	expect 'bootassess: assess: proceed \(unknown-entry\)'
	expect_root direct
	;;
garbage)
	machine garbage root
	direct
	boot
	expect 'bootassess: assess: proceed \('
	expect_root direct
	;;
variables)
	# In every variable of the loader, 20 KiB each (the firmware's limit is 33).
	machine esp root
	plain=("${QEMU_ARGS[@]}")
	entry active+3
	direct test.pre=efivars-garbage
	boot
	expect 'TEST: prepared efivars-garbage'
	QEMU_ARGS=("${plain[@]}")
	boot
	expect 'bootassess: EFI variable LoaderBootCountPath-.* holds garbage'
	expect 'bootassess: assess: proceed \(unknown-entry\)'
	expect_root active
	;;
empty)
	# The config.
	machine esp root
	entry active+3 test.pre=config-empty
	boot
	expect 'TEST: prepared config-empty'
	expect 'bootassess: assess: proceed \('
	expect_root active
	;;
typos)
	# In the config.
	machine esp root
	entry active+3 test.pre=config-typo
	boot
	expect 'TEST: prepared config-typo'
	expect 'bootassess: .*etc/bootassess/bootassess\.conf:4: Tries="many"'
	expect 'bootassess: assess: proceed \('
	expect_root active
	;;
esac
expect_boots 1
