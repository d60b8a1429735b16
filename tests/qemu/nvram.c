// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The variables in OVMF_VARS_4M.fd, or a copy of it that a machine has used:
 *
 *	nvram FILE order                     the descriptions of the options of BootOrder, on one
 *line nvram FILE options                   Boot#### and description, one on each line nvram FILE
 *boot NNNN TEXT PARTITION FIRST SECTORS PARTUUID PATH nvram FILE set NAME NNNN...          a list
 *of numbers of options: BootOrder, BootNext nvram FILE delete NAME nvram FILE junk BYTES variables
 *of others until only so many bytes are left
 *
 * Only for the tests: it writes behind what is there, and nothing frees old versions but the
 * firmware. Sources: the EDK2 headers Guid/VariableFormat.h (VARIABLE_STORE_HEADER,
 * AUTHENTICATED_VARIABLE_HEADER); UEFI 2.10 3.1.3 (EFI_LOAD_OPTION), 10.3.5.1 (hard
 *drive), 10.3.5.4 (file path).
 */
#include <endian.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORE_AT	      0x48 /* behind the header of the firmware volume */
#define STORE_HEADER	      28
#define ADDED		      0x3f
#define IN_DELETED_TRANSITION 0x3e
#define DELETED		      0xfd
#define ATTRIBUTES	      7 /* non-volatile, boot services, runtime */

struct header {
	uint16_t start; /* 0x55aa */
	uint8_t state;
	uint8_t reserved;
	uint32_t attributes;
	uint8_t count_and_time[24];
	uint32_t key;
	uint32_t name_size;
	uint32_t data_size;
	uint8_t vendor[16];
} __attribute__((packed));

static const uint8_t global_guid[16] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
					0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c};

static uint8_t image[1 << 20];
static size_t image_size, store_end;

static void load(const char *path)
{
	FILE *f = fopen(path, "re");

	if (f == NULL)
		err(1, "%s", path);
	image_size = fread(image, 1, sizeof(image), f);
	fclose(f);
	if (image_size < STORE_AT + STORE_HEADER || image[STORE_AT + 20] != 0x5a)
		errx(1, "%s holds no variables", path);
	memcpy(&store_end, image + STORE_AT + 16, 4);
	store_end += STORE_AT;
	if (store_end > image_size)
		errx(1, "%s is cut", path);
}

static void save(const char *path)
{
	FILE *f = fopen(path, "r+e");

	if (f == NULL || fwrite(image, 1, image_size, f) != image_size || fclose(f) != 0)
		err(1, "%s", path);
}

static struct header *at(size_t offset)
{
	return (struct header *)(image + offset);
}

/* The next one behind this; 0 = the first. Returns false at the end, with *offset where one more
 * may be written. */
static bool next(size_t *offset)
{
	if (*offset == 0)
		*offset = STORE_AT + STORE_HEADER;
	else
		*offset += sizeof(struct header) + at(*offset)->name_size + at(*offset)->data_size;
	*offset = (*offset + 3) & ~(size_t)3;
	return *offset + sizeof(struct header) <= store_end && at(*offset)->start == 0x55aa;
}

static bool is_there(const struct header *h)
{
	return h->state == ADDED || h->state == IN_DELETED_TRANSITION;
}

/* UTF-16 with its end; returns the bytes. */
static size_t widen(const char *text, uint8_t *to)
{
	size_t n = strlen(text) + 1;

	for (size_t i = 0; i < n; i++) {
		to[2 * i] = (uint8_t)text[i];
		to[2 * i + 1] = 0;
	}
	return 2 * n;
}

static struct header *find(const char *name)
{
	uint8_t wide[256];
	size_t size = widen(name, wide), offset = 0;

	while (next(&offset)) {
		struct header *h = at(offset);
		if (is_there(h) && h->name_size == size &&
		    memcmp(image + offset + sizeof(*h), wide, size) == 0 &&
		    memcmp(h->vendor, global_guid, 16) == 0)
			return h;
	}
	return NULL;
}

static void delete (const char *name)
{
	struct header *h = find(name);

	if (h != NULL)
		h->state &= DELETED;
}

static void set(const char *name, const void *data, size_t size)
{
	struct header h = {.start = 0x55aa, .state = ADDED, .attributes = ATTRIBUTES};
	size_t offset = 0;
	uint8_t wide[256];

	delete (name);
	while (next(&offset))
		;
	h.name_size = (uint32_t)widen(name, wide);
	h.data_size = (uint32_t)size;
	memcpy(h.vendor, global_guid, 16);
	if (offset + sizeof(h) + h.name_size + size > store_end)
		errx(1, "no room for %s", name);
	memcpy(image + offset, &h, sizeof(h));
	memcpy(image + offset + sizeof(h), wide, h.name_size);
	memcpy(image + offset + sizeof(h) + h.name_size, data, size);
}

static size_t put16(uint8_t *to, size_t value)
{
	to[0] = (uint8_t)value;
	to[1] = (uint8_t)(value >> 8);
	return 2;
}

static void set_numbers(const char *name, char **words)
{
	uint8_t data[256];
	size_t n = 0;

	for (; *words != NULL && n < sizeof(data); words++)
		n += put16(data + n, strtoul(*words, NULL, 16));
	set(name, data, n);
}

/* The first three fields of a GUID are little endian. */
static void parse_guid(const char *text, uint8_t to[16])
{
	static const int place[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (int i = 0; i < 16; i++, text += 2) {
		text += *text == '-';
		if (sscanf(text, "%2hhx", &to[place[i]]) != 1)
			errx(1, "no GUID");
	}
}

static size_t put_hard_drive(uint8_t *to, char **words)
{
	uint32_t partition = htole32((uint32_t)strtoul(words[0], NULL, 10));
	uint64_t first = htole64(strtoull(words[1], NULL, 10));
	uint64_t sectors = htole64(strtoull(words[2], NULL, 10));

	memcpy(to, "\4\1\x2a", 4);
	memcpy(to + 4, &partition, 4);
	memcpy(to + 8, &first, 8);
	memcpy(to + 16, &sectors, 8);
	parse_guid(words[3], to + 24);
	memcpy(to + 40, "\2\2", 2);
	return 42;
}

/* NNNN TEXT PARTITION FIRST SECTORS PARTUUID PATH */
static void set_option(char **words)
{
	uint8_t data[1024] = {1}; /* active */
	char name[16];
	size_t n = 6, path_at, file_at;

	n += widen(words[1], data + n);
	path_at = n;
	n += put_hard_drive(data + n, words + 2);
	file_at = n;
	n += 4 + widen(words[6], data + n + 4);
	data[file_at] = data[file_at + 1] = 4;
	put16(data + file_at + 2, n - file_at);
	memcpy(data + n, "\x7f\xff\4", 4);
	n += 4;
	put16(data + 4, n - path_at);
	snprintf(name, sizeof(name), "Boot%s", words[0]);
	set(name, data, n);
}

static void print_description(const struct header *h)
{
	const uint8_t *data = (const uint8_t *)h + sizeof(*h) + h->name_size;

	for (size_t i = 6; i + 1 < h->data_size && data[i] != 0; i += 2)
		putchar(data[i]);
}

static void print_order(void)
{
	const struct header *order = find("BootOrder");
	char name[16];

	for (size_t i = 0; order != NULL && i + 1 < order->data_size; i += 2) {
		const uint8_t *p = (const uint8_t *)order + sizeof(*order) + order->name_size + i;
		snprintf(name, sizeof(name), "Boot%02X%02X", p[1], p[0]);
		const struct header *option = find(name);
		if (i > 0)
			putchar(' ');
		if (option != NULL)
			print_description(option);
		else
			printf("(no %s)", name);
	}
	putchar('\n');
}

static void print_options(void)
{
	for (unsigned int i = 0; i < 0x10000; i++) {
		char name[16];
		snprintf(name, sizeof(name), "Boot%04X", i);
		const struct header *h = find(name);
		if (h == NULL)
			continue;
		printf("%s ", name);
		print_description(h);
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[2] : "";

	if (argc < 3)
		errx(2, "usage: nvram FILE order|options|boot|set|delete ...");
	load(argv[1]);
	if (strcmp(verb, "order") == 0)
		print_order();
	else if (strcmp(verb, "options") == 0)
		print_options();
	else if (strcmp(verb, "boot") == 0 && argc == 10)
		set_option(argv + 3);
	else if (strcmp(verb, "set") == 0 && argc > 3)
		set_numbers(argv[3], argv + 4);
	else if (strcmp(verb, "delete") == 0 && argc == 4)
		delete (argv[3]);
	else
		errx(2, "%s?", verb);
	save(argv[1]);
	return 0;
}
