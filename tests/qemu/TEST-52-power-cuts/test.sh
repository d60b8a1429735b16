# shellcheck shell=bash
# stories: F22
# images: trixie-plain
# The power goes at random moments while the loader, the initramfs and the companion write the ESP, CUTS
# times; each time the disk is what a drive may make of it, and the next boot begins with that. LOOKS
# more moments of each boot are only looked at. SEED repeats the choices.
CUTS=${CUTS:-12}
LOOKS=${LOOKS:-5}
RANDOM=${SEED:-6}
IDS="active passive recovery"

# file_of PATH: its text.
file_of() {
	mcopy -n -i "${PART_AT[esp]}" "::$1" - 2>/dev/null | tr -d '\0'
}

# whole ID: one of the entry's names is there with all of its text, and what that names.
whole() {
	local name
	for name in $(entries); do
		[ "${name%%+*}" = "$1" ] || continue
		! is_whole "$1" "$(file_of "/loader/entries/$name.conf")" || return 0
	done
	die "no name of $1 is whole: $(entries)"
}

# is_whole ID TEXT: its files are those of one installation.
is_whole() {
	local round
	grep -q -x "options .* test\.entry=$1 .*/loop\.sh\( test\.round=[0-9a-f]*\)\?" <<<"$2" || return 1
	round=$(sed -n 's/^options .* test\.round=//p' <<<"$2")
	file_named linux 1 "$2" | cmp -s - "$WORK/parts/$IMAGE/linux" || return 1
	file_named initrd 1 "$2" | cmp -s - "$WORK/parts/$IMAGE/initrd" || return 1
	[ -z "$round" ] || [[ $(file_named initrd 2 "$2" | tr -d '\0') = 070701*"$round"*TRAILER!!! ]]
}

# file_named KEY N TEXT: the content of the N-th file of a key.
file_named() {
	mcopy -n -i "${PART_AT[esp]}" "::$(sed -n "s/^$1 *//p" <<<"$3" | sed -n "$2p")" - 2>/dev/null
}

# cut_power: at a moment of the last boot; every slot is still there.
cut_power() {
	local id seed=$RANDOM$RANDOM
	power_cut 0 "$seed"
	for id in $IDS; do whole "$id"; done
}

# tries ID NAME...: the most that a name of the entry says; 9 for a good one.
tries() {
	local id=$1 name most=0 left
	shift

	for name; do
		[ "${name%%+*}" = "$id" ] || continue
		left=9
		[[ $name != *+* ]] || { left=${name##*+}; left=${left%%-*}; }
		[ "$left" -le "$most" ] || most=$left
	done
	echo "$most"
}

# no_more_tries BEFORE AFTER: the boot has given nothing back.
no_more_tries() {
	local id
	for id in $IDS; do
		# shellcheck disable=SC2086 # names
		[ "$(tries "$id" $2)" -le "$(tries "$id" $1)" ] || die "$id has more tries: $1 -> $2"
	done
}

# boot_and_write: to the loop of the companion, and some steps of it; the entries as the boot found them
# are in $before, as the initramfs left them in $after.
boot_and_write() {
	cp --sparse=always "$DIR/disk0.img" "$DIR/disk0.before"
	[ ! -e "$DIR/disk0.log" ] || mv "$DIR/disk0.log" "$DIR/disk0.log.before"
	: >"$DIR/disk0.log"
	before=$(entries)
	boot -u 'TEST: step [0-9]+:' -n $((RANDOM % 24 + 1))
	after=$(sed -n 's/.*TEST: entries: //p' "$LOG" | tail -n 1)
	after=${after//.conf/}
}

# All entries are in one cluster: where they are not, a count of systemd-boot is two writes, and a cut
# between them loses the entry.
machine -b esp
disk late
log_writes 0
loader_conf 'default active*'
for id in $IDS; do
	late_entry "$id+3-0" ro init=/usr/lib/bootassess-test/loop.sh
done
# Four more names, so that a change of a name goes from one sector of the directory to another.
late_entry other-system-6.12.107

boot_and_write
for ((n = 1; n <= CUTS; n++)); do
	for ((look = 0; look < LOOKS; look++)); do cut_power; done
	cut_power
	boot_and_write
	refute 'Filesystem has been set read-only|FAT-fs .*error|TEST: failed'
	no_more_tries "$before" "$after"
done
