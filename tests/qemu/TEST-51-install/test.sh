# shellcheck shell=bash
# stories: F8
# An update as a device does it. A UKI into a slot that is empty: it is made the next one, boots, is
# blessed, and the loader stays with it. From there a broken kernel, initrd and options into the slot that
# was left: its last try ends in a way back by itself. The slot that runs, and the last good one, are not
# written over.
machine -u esp late
loader_conf 'default active*'
late_script <<END
missing=root=$(root_is missing)
$(
	cat <<'SCRIPT'
try() {
	local status=0
	bootassess "$@" || status=$?
	echo "TEST: $1 $2: $status"
}
list() {
	echo "TEST: slots: $(ls /boot/loader/entries /boot/EFI/Linux | grep -E 'conf|efi' | paste -sd' ')"
}
case $1$(ls /boot/loader/entries | grep -c 'active+0') in
active0)
	cat /dev/disk/by-id/virtio-passive.efi >/run/new.efi
	try install active /run/new.efi
	try install passive.efi /run/new.efi
	list
	try activate passive --now
	;;
passive0)
	try mark bad passive
	try install active --linux=/boot/linux --initrd=/boot/initrd --options=other
	try mark good passive
	try install active --linux=/boot/linux --initrd=/boot/initrd \
		--options="$(sed 's/test.entry=[^ ]*/test.entry=active/' /proc/cmdline) $missing rd.timeout=2"
	list
	try activate active --now
	;;
*)
	try install passive --linux=/boot/linux
	list
	systemctl poweroff -ff
	;;
esac
SCRIPT
)
END
conf="test.conf=Ladder/Tries=1 test.late=script"
# shellcheck disable=SC2086 # words
{
	late_entry active $conf
	late_entry recovery+3-0
	uki_make passive "root=$(root_is late)" rw $conf
}
head -c 511 /dev/zero >>"$DIR/passive.efi"
file_disk passive.efi
boot
expect 'refused: "active\.conf" must not be written over: it runs'
expect 'TEST: install active: 1$'
expect 'TEST: install passive\.efi: 0$'
expect 'TEST: slots: passive\+1-0\.efi active\.conf recovery\+3-0\.conf'
expect 'bootassess: assess: proceed \(last-try\): passive\.efi \+0-1$'
expect 'refused: "active\.conf" must not be written over: no other system slot is good'
expect 'TEST: install active: 0$'
expect 'TEST: slots: passive\.efi active\+1-0\.conf recovery\+3-0\.conf'
expect 'bootassess: emergency: switch \(failed\): active\.conf \+0-1 -> passive\.efi by firmware'
expect 'bootassess: assess: proceed \(good\): passive\.efi'
expect 'TEST: install passive: 1$'
expect_boots 4 4
expect_entries active+0-1 passive.efi recovery+3-0
