# shellcheck shell=bash
# stories: F23 F25
# Boot entries of the firmware that others have spoilt: the boot comes through, the bless makes them whole
# again, once, and does not touch what is not ours. With no room for variables it goes on.
# images: uki

# order WORD...: this is how the options of these slots, and Other, follow one another.
expect_order() {
	local order
	order=" $(nvram order | grep -o -w -E 'active|passive|recovery|Other' | tr '\n' ' ')"
	[ "$order" = " $* " ] || die "the order is:$order; not: $*"
}

expect_options() {
	local all
	all=$(nvram options | grep -o -w -E 'active|passive|recovery|Other' | sort | paste -sd' ')
	[ "$all" = "$*" ] || die "the options are: $all; not: $*"
}

echo "one is there twice, one is mangled, and others come first:"
set_up late
slot active+3 "root=$(root_is late)" rw
slot passive
slot recovery+3
boot_entry 00B1 active
boot_entry 00B2 Other
nvram set Boot00A3 0001 0002
no_boot_order
nvram set BootOrder 00A2 00B2 00A3 00B1 00A1
nvram set BootNext 00A1
boot
expect 'bootassess: assess: proceed \(trying\): active\.efi \+2-1'
expect_boots 1
expect_counters active passive recovery+3
expect_options Other active passive recovery
expect_order active passive Other recovery

echo "one is gone, and others have taken all the room for variables that the kernel gives:"
set_up late
slot active+3 "root=$(root_is late)" rw test.pre=efivars-full
slot passive
slot recovery+3
nvram delete Boot00A2
set_up_boot active
expect 'TEST: prepared efivars-full'
expect 'bootassess: assess: proceed \(trying\): active\.efi \+2-1'
expect 'TEST: root reached'
expect_boots 1
expect_counters active passive recovery+3
