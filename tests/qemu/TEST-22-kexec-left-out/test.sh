# shellcheck shell=bash
# What speaks against a kexec is said, and the firmware does it.
# images: trixie.lockdown
# soak: trixie.sysctl trixie.memory

# left_out REASONS OPTION...: on a machine that is there.
left_out() {
	local reasons=$1
	shift

	loader_conf 'default active*'
	entry active+0-4 "$@"
	entry passive+3
	boot
	expect "assess: switch \\(exhausted\\): active\\.conf \\+0-5 -> passive\\.conf by firmware; no kexec: $reasons\$"
	expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1$'
	refute 'no kexec: .*lost'
	expect_root passive
	expect_boots 2 2
	expect_entries active+0-5 passive+2-1
}

case $PART in
lockdown)
	machine esp root
	left_out lockdown lockdown=integrity test.pre=config-kexec
	;;
sysctl)
	machine esp root
	left_out disabled test.pre=config-kexec,kexec-disabled
	;;
memory)
	machine -m 224 esp root
	left_out memory test.pre=config-kexec
	expect 'no kexec: memory: [0-9]+ MiB are needed, [0-9]+ MiB are there'
	;;
*) die "no part $PART" ;;
esac
