# shellcheck shell=bash
# A healthy boot is blessed, with the ESP behind an automount that is left alone; then a boot that
# writes nothing.
machine esp late
loader_conf 'default active*'
late_script <<'END'
fields="BOOTASSESS_SLOT BOOTASSESS_VERDICT BOOTASSESS_REASON"
echo "TEST: efi is $(findmnt -n -o FSTYPE /efi | paste -sd,)"
echo "TEST: left by systemd: $(systemctl show -P ConditionResult systemd-bless-boot.service)"
echo "TEST: units that failed: $(systemctl list-units --failed --plain --no-legend | wc -l)"
for field in $fields; do
	echo "TEST: journal: $field=$(journalctl -o json MESSAGE_ID=89e9f6226cf64c88a7c009a126ead541 |
		sed -n "s/.*\"$field\" *: *\"\([^\"]*\)\".*/\1/p" | paste -sd,)"
done
journalctl --update-catalog
echo "TEST: catalog: $(journalctl -x MESSAGE_ID=89e9f6226cf64c88a7c009a126ead541 | grep 'Subject:')"
systemctl poweroff -ff
END
SORT_KEY=a late_entry active+3 fstab=no systemd.gpt_auto=no test.late=script \
	"systemd.mount-extra=PARTUUID=${PART_UUID[esp]}:/efi:vfat:umask=0077,x-systemd.automount"
late_entry passive+3
late_entry recovery+1-2
boot
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1$'
expect 'TEST: efi is autofs$'
expect 'TEST: bless: loaded active$'
expect 'TEST: bless-boot: loaded inactive'
expect 'TEST: left by systemd: no$'
expect 'TEST: units that failed: 0$'
expect 'TEST: journal: BOOTASSESS_SLOT=active\.conf$'
expect 'TEST: journal: BOOTASSESS_VERDICT=proceed$'
expect 'TEST: journal: BOOTASSESS_REASON=blessed$'
expect 'TEST: catalog: .*Subject: Boot entry active\.conf was blessed$'
expect_entries active passive+3 recovery+3-0

echo "nothing is left to write, and nothing is mounted:"
SORT_KEY=a late_entry active fstab=no systemd.gpt_auto=no
before=$(esp_sum)
boot
expect 'bootassess: assess: proceed \(good\): active\.conf$'
expect 'TEST: bless: loaded active$'
[ "$(esp_sum)" = "$before" ] || die "the ESP has changed"
