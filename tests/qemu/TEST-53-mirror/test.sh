# shellcheck shell=bash
# Two disks with the same boot entries: what is written to the one that was booted is brought to the other.
# The first disk goes, and the device boots from the second one, with what it knew. Then the first is back,
# stale, behind the second: the next change brings it up to date.
# script COMMAND: what each boot does.
script() {
	late_script <<END
$1
bootassess status | grep -i mirror | sed 's/^/TEST: status: /'
systemctl poweroff -ff
END
}

machine esp
disk esp2
disk late
put_loader esp2
loader_conf 'default active*'
conf="test.conf=Ladder/MirrorESP=${PART_UUID[esp]},${PART_UUID[esp2]}"
for part in esp esp2; do
	key=0
	for name in active+3-0 passive+3-0 recovery+1-0; do
		key=$((key + 1))
		# shellcheck disable=SC2086 # words
		SORT_KEY=$key late_entry -on "$part" "$name" $conf fstab=no systemd.gpt_auto=no test.late=script
	done
done

echo "both:"
script "mkdir /run/esp && mount -r PARTUUID=${PART_UUID[esp]} /run/esp && cp /run/esp/{linux,initrd} /run
umount /run/esp; head -c 512 /dev/zero >>/run/initrd
bootassess install passive --linux=/run/linux --initrd=/run/initrd"
boot
expect 'bootassess: install: "passive\.conf" is written'
expect "TEST: status: .*Mirror: ${PART_UUID[esp2]}, same"
expect_entries active passive+3-0 recovery+3-0
expect_entries -on esp2 active passive+3-0 recovery+3-0
for part in esp esp2; do
	mcopy -n -i "${PART_AT[$part]}" ::/bootassess/passive/initrd.1 "$DIR/initrd.$part" || die "no initrd"
done
cmp "$DIR/initrd.esp" "$DIR/initrd.esp2" || die "the initrd is another one on the second disk"

echo "the first is gone:"
both=("${QEMU_ARGS[@]}")
unplug 0
script 'bootassess mark bad passive'
boot
expect 'bootassess: assess: proceed \(good\): active\.conf$'
expect "bootassess: the mirror \"${PART_UUID[esp]}\" of the ESP is not there"
expect "TEST: status: .*Mirror: ${PART_UUID[esp2]}, booted"
expect_boots 1 1
expect_entries active passive+3-0 recovery+3-0
expect_entries -on esp2 active passive+0-9 recovery+3-0

echo "it is back:"
QEMU_ARGS=("${both[@]}")
boot_order 0 9
script 'bootassess rearm recovery; bootassess mark bad recovery'
boot
expect "TEST: status: .*Mirror: ${PART_UUID[esp]}, same"
expect_boots 1 1
expect_entries active passive+0-9 recovery+0-9
expect_entries -on esp2 active passive+0-9 recovery+0-9
