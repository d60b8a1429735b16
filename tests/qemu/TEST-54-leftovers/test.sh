# shellcheck shell=bash
# stories: F28
# An ESP as power cuts leave it: an empty file under the loader's next name, two names for one file, one of
# our temporaries that shares a file's clusters, the dirty bit. The initramfs mends that before it counts.
# images: trixie-plain
machine esp root
entry active+3-0
entry passive+3-0
entry recovery+3-0

# clusters PATH: of a file or directory, one a line.
clusters() {
	mshowfat -i "${PART_AT[esp]}" "::$1" | grep -o '<[0-9-]*>' | tr -d '<>' |
		while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done
}

# number OFFSET BYTES: in the file system.
number() {
	read_le "$FILE" $((START + $1)) "$2"
}

# slot_of DIR NAME: where the short entry of a file with content is, in the file system.
slot_of() {
	local cluster at i size want data
	want=$(clusters "$1/$2" | head -n 1)
	size=$(($(number 13 1) * 512))
	data=$((($(number 14 2) + $(number 16 1) * $(number 36 4)) * 512))

	for cluster in $(clusters "$1"); do
		for ((i = 0; i < size; i += 32)); do
			at=$((data + (cluster - 2) * size + i))
			[ "$(number $((at + 11)) 1)" = 32 ] || continue
			[ "$(($(number $((at + 20)) 2) << 16 | $(number $((at + 26)) 2)))" != "$want" ] ||
				{ echo "$at"; return; }
		done
	done
	die "no slot of $1/$2"
}

# share DIR NAME DIR OTHER: the other one is a second name of the file's clusters.
share() {
	local from to
	printf x | esp_put - "$3/$4"
	from=$((START + $(slot_of "$1" "$2")))
	to=$((START + $(slot_of "$3" "$4")))
	dd if="$FILE" bs=1 skip=$((from + 20)) count=12 status=none | patch_bytes "$FILE" $((to + 20))
}

FILE=${PART_AT[esp]%@@*}
START=$((1024 * 1024))
loader_conf 'default active*'
printf '' | esp_put - /loader/entries/active+2-1.conf
share /loader/entries passive+3-0.conf /loader/entries passive.conf
share /loader loader.conf /loader .bootassess-0
printf '\001' | patch_bytes "$FILE" $((START + 65))
[ "$(clusters /loader/entries/passive.conf)" = "$(clusters /loader/entries/passive+3-0.conf)" ] ||
	die "nothing is shared"

echo "as it was left:"
boot
expect_root active
expect 'bootassess: "loader/entries/active\+2-1\.conf" on the ESP is empty, beside "active\+3-0\.conf": the name is taken away'
expect 'bootassess: "loader/entries/passive\.conf" on the ESP is a second name of "passive\+3-0\.conf"'
expect 'bootassess: "loader/\.bootassess-0" on the ESP .* the name is taken away'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1$'
expect_boots 1
expect_entries active+2-1 passive+3-0 recovery+3-0

echo "mended:"
boot
refute 'the name is taken away'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+1-2$'
refute 'not counted by the boot loader'
refute 'FAT-fs .*error'
expect_entries active+1-2 passive+3-0 recovery+3-0
for id in active+1-2 passive+3-0 recovery+3-0; do
	mtype -i "${PART_AT[esp]}" "::/loader/entries/$id.conf" | grep -q "test.entry=${id%%+*}" ||
		die "$id is not whole"
done
dd if="$FILE" of="$DIR/esp.img" bs=1M skip=1 count="${PART_MIB[esp]}" status=none
checked=$(fsck.fat -n "$DIR/esp.img") || :
[[ $checked != *@(share clusters|Truncating|size is|long file name)* ]] || die "fsck.fat: $checked"
