# shellcheck shell=bash
# stories: F7
# A slot that is damaged, in seven ways, as active, as passive, or both: the device ends at the next rung
# that is whole, the counters say what was tried, and nothing else on the ESP has changed.
# images: panic-both-uki empty-active-type1 zeros-both-type1 missing-passive-type1 cmdline-active-type1
# images: truncated-passive-uki initrd-active-uki
# soak: panic-active-type1 panic-active-uki panic-passive-type1 panic-passive-uki panic-both-type1
# soak: empty-active-uki empty-passive-type1 empty-passive-uki empty-both-type1 empty-both-uki
# soak: zeros-active-type1 zeros-active-uki zeros-passive-type1 zeros-passive-uki zeros-both-uki
# soak: missing-active-type1 missing-active-uki missing-passive-uki missing-both-type1 missing-both-uki
# soak: cmdline-active-uki cmdline-passive-type1 cmdline-passive-uki cmdline-both-type1 cmdline-both-uki
# soak: truncated-active-type1 truncated-active-uki truncated-passive-type1 truncated-both-type1
# soak: truncated-both-uki
# soak: initrd-active-type1 initrd-passive-type1 initrd-passive-uki initrd-both-type1 initrd-both-uki
# soak: empty-active-crash zeros-both-crash truncated-passive-crash
corruption "$IMAGE"
corruption_machine root broken
case $WHERE in
active)
	bad_slot active+1
	good_slot passive
	;;
passive)
	good_slot active+1 "root=$(root_is broken)" rootfstype=ext4
	bad_slot passive+1
	;;
both)
	bad_slot active+1
	bad_slot passive+1
	;;
esac
good_slot recovery+3

foretell
before=$(esp_files)
corruption_boot
[ "$before" = "$(esp_files)" ] || die "the ESP has changed: $(esp_files | diff <(echo "$before") -)"
expect_way
# Nobody but the loader knows which place a UKI has in its order, and that it passes over an entry whose
# kernel is missing.
case $FORM-$DAMAGE-$WHERE in
uki-* | type1-hidden-active | type1-hidden-both) ;;
*) [ "$STARTED" = "$FORETOLD" ] || die "started: $STARTED; foretold: $FORETOLD" ;;
esac

# An entry that the loader does not offer, or that we do not choose, is not counted.
case $DAMAGE-$WHERE in
hidden-* | refused-passive) tried=+1 target=recovery ;;
*) tried=+0-1 target=passive ;;
esac
device_tree
case $WHERE in
active)
	expect "bootassess: assess: proceed \(good\): passive\.$SUFFIX"
	expect_root passive
	expect_slots "active$tried" passive recovery+3
	expect_why "$STATE" active
	;;
passive)
	expect_switch emergency active "$target"
	expect_slots active+0-1 "passive$tried" recovery+2-1
	expect_why exhausted active
	expect_why "$STATE" passive
	;;
both)
	expect_slots "active$tried" "passive$tried" recovery+2-1
	expect_why "$STATE" active passive
	;;
esac
[ "$WHERE" = active ] || {
	expect "bootassess: assess: proceed \(trying\): recovery\.$SUFFIX \+2-1"
	expect_root recovery
}
case $DAMAGE-$WHERE in
root-active) expect_switch deadline active passive ;;
root-passive) expect_switch deadline passive recovery ;;
root-both)
	expect_switch deadline active passive
	expect_switch deadline passive recovery
	;;
esac
