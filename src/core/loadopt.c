// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "loadopt.h"
#include "text.h"

/* A device path node's header: type, subtype, u16 length with the header (UEFI 2.10 table 10.1). */
#define NODE_HEADER_SIZE 4
#define NODE_MEDIA	 0x04
#define NODE_MEDIA_DRIVE 0x01
#define NODE_MEDIA_FILE	 0x04
#define NODE_END	 0x7f
#define NODE_END_ENTIRE	 0xff

/* A hard drive node (UEFI 2.10 table 10.49). */
#define DRIVE_NODE_SIZE	     42
#define DRIVE_NUMBER	     4
#define DRIVE_START	     8
#define DRIVE_SIZE	     16
#define DRIVE_SIGNATURE	     24
#define DRIVE_FORMAT	     40
#define DRIVE_SIGNATURE_TYPE 41
#define FORMAT_MBR	     1
#define FORMAT_GPT	     2

/* Attributes (u32) and FilePathListLength (u16). */
#define OPTION_HEADER_SIZE 6

static const char hex_lower[] = "0123456789abcdef", hex_upper[] = "0123456789ABCDEF";

static bool is_separator(char c)
{
	return c == '\\' || c == '/';
}

/* Appends the path of one node. Nodes are joined by exactly one separator (UEFI 2.10 section
 * 10.3.5.4: firmware may split a path at any folder). */
static int join_path(struct text *t, const uint8_t *data, size_t len)
{
	char piece[LOADOPT_PATH_SIZE];
	const char *s = piece;
	int r;

	r = loadvar_string(data, len, piece, sizeof(piece));
	if (r < 0)
		return r;
	if (t->len > 0 && is_separator(t->buf[t->len - 1])) {
		while (is_separator(*s))
			s++;
	} else if (t->len > 0 && !is_separator(*s)) {
		text_char(t, '\\');
	}
	text_str(t, s);
	return t->full ? -ENAMETOOLONG : 0;
}

static void put_hex(struct text *t, const uint8_t *p, int from, int to)
{
	for (int i = from;; i += from < to ? 1 : -1) {
		text_char(t, hex_lower[p[i] >> 4]);
		text_char(t, hex_lower[p[i] & 0xf]);
		if (i == to)
			return;
	}
}

/* The first three groups of a GUID are little-endian. */
static void put_guid(struct text *t, const uint8_t *p)
{
	static const int ends[][2] = {{3, 0}, {5, 4}, {7, 6}, {8, 9}, {10, 15}};

	for (unsigned int i = 0; i < 5; i++) {
		if (i > 0)
			text_char(t, '-');
		put_hex(t, p, ends[i][0], ends[i][1]);
	}
}

/* As the kernel spells it; a format that it does not know names no partition. */
static void read_drive(const uint8_t *node, struct loadopt_partition *ret)
{
	struct text t;

	*ret = (struct loadopt_partition){.number = read_u32(node + DRIVE_NUMBER),
					  .start = read_u64(node + DRIVE_START),
					  .size = read_u64(node + DRIVE_SIZE)};
	text_init(&t, ret->partuuid, sizeof(ret->partuuid));
	if (node[DRIVE_SIGNATURE_TYPE] == FORMAT_GPT) {
		put_guid(&t, node + DRIVE_SIGNATURE);
	} else if (node[DRIVE_SIGNATURE_TYPE] == FORMAT_MBR && ret->number <= 0xff) {
		put_hex(&t, node + DRIVE_SIGNATURE, 3, 0);
		text_char(&t, '-');
		put_hex(&t, node + DRIVE_NUMBER, 0, 0);
	}
}

static void take_node(const uint8_t *node, size_t len, struct loadopt *o, struct text *path)
{
	int r;

	if (node[0] != NODE_MEDIA)
		return;
	if (node[1] == NODE_MEDIA_DRIVE && len == DRIVE_NODE_SIZE)
		read_drive(node, &o->partition);
	if (node[1] != NODE_MEDIA_FILE || o->path_error < 0)
		return;
	r = join_path(path, node + NODE_HEADER_SIZE, len - NODE_HEADER_SIZE);
	o->path_error = r < 0 ? r : 0;
}

/* Walks the first device path of the list; it has to end within len. */
static int walk_device_path(const uint8_t *data, size_t len, struct loadopt *o, struct text *path)
{
	while (len >= NODE_HEADER_SIZE) {
		size_t node_len = read_u16(data + 2);

		if (node_len < NODE_HEADER_SIZE || node_len > len)
			return -EINVAL;
		if (data[0] == NODE_END)
			return 0;
		take_node(data, node_len, o, path);
		data += node_len;
		len -= node_len;
	}
	return -EINVAL;
}

/* Returns its bytes with the NUL, or -EINVAL if that is not there. */
static int read_description(const uint8_t *data, size_t len, struct loadopt *o)
{
	struct text t;

	text_init(&t, o->description, sizeof(o->description));
	for (size_t i = 0; i + 1 < len; i += 2) {
		uint16_t unit = read_u16(data + i);

		if (unit == 0)
			return (int)i + 2;
		text_char(&t, unit <= 0x7e && char_is_printable((char)unit) ? (char)unit : '?');
	}
	return -EINVAL;
}

int loadopt_parse(const uint8_t *data, size_t len, struct loadopt *ret)
{
	struct loadopt o = {.path_error = 0};
	size_t list_len;
	struct text path;
	int r;

	if (len < OPTION_HEADER_SIZE || len > UINT16_MAX)
		return -EINVAL;
	o.attributes = read_u32(data);
	list_len = read_u16(data + 4);
	data += OPTION_HEADER_SIZE;
	len -= OPTION_HEADER_SIZE;

	r = read_description(data, len, &o);
	if (r < 0 || list_len > len - (size_t)r)
		return -EINVAL;
	text_init(&path, o.path, sizeof(o.path));
	o.data_len = len - (size_t)r - list_len;
	r = walk_device_path(data + r, list_len, &o, &path);
	if (r < 0)
		return r;
	if (o.path_error == 0 && path.len == 0)
		o.path_error = -ENOENT;
	if (o.path_error < 0)
		o.path[0] = '\0';
	*ret = o;
	return 0;
}

int loadopt_path(const uint8_t *data, size_t len, char *buf, size_t size)
{
	struct loadopt o;
	int r;

	r = loadopt_parse(data, len, &o);
	if (r == 0)
		r = o.path_error;
	return r < 0 ? r : slice_copy((struct slice){o.path, strlen(o.path)}, buf, size);
}

bool loadopt_is_active(const struct loadopt *o)
{
	return o->attributes & LOADOPT_ACTIVE && !(o->attributes & LOADOPT_CATEGORY);
}

static void write_number(uint8_t *p, unsigned int bytes, uint64_t value)
{
	for (unsigned int i = 0; i < bytes; i++, value >>= 8)
		p[i] = (uint8_t)value;
}

static uint8_t hex_value(char c)
{
	return (uint8_t)(char_is_digit(c) ? c - '0' : char_lower(c) - 'a' + 10);
}

/* The bytes of the hexadecimal digits, in their order; what is no digit is passed over. */
static size_t read_hex(const char *s, uint8_t bytes[16])
{
	size_t n = 0;

	for (; *s && n < 32; s++) {
		if (!char_is_hex(*s))
			continue;
		bytes[n / 2] = (uint8_t)(bytes[n / 2] << 4 | hex_value(*s));
		n++;
	}
	return n / 2;
}

static void write_drive(const struct loadopt_partition *p, uint8_t node[DRIVE_NODE_SIZE])
{
	static const uint8_t guid_order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	bool is_guid = loadvar_is_uuid(p->partuuid);
	uint8_t bytes[16] = {0};

	memset(node, 0, DRIVE_NODE_SIZE);
	node[0] = NODE_MEDIA;
	node[1] = NODE_MEDIA_DRIVE;
	node[2] = DRIVE_NODE_SIZE;
	write_number(node + DRIVE_NUMBER, 4, p->number);
	write_number(node + DRIVE_START, 8, p->start);
	write_number(node + DRIVE_SIZE, 8, p->size);
	node[DRIVE_FORMAT] = node[DRIVE_SIGNATURE_TYPE] = is_guid ? FORMAT_GPT : FORMAT_MBR;
	(void)read_hex(p->partuuid, bytes);
	for (unsigned int i = 0; i < (is_guid ? 16 : 4); i++)
		node[DRIVE_SIGNATURE + i] = bytes[guid_order[i]];
}

/* The file path node, and the one that ends the path. Returns their length. */
static int write_file(const char *path, uint8_t *buf, size_t size)
{
	const uint8_t end[NODE_HEADER_SIZE] = {NODE_END, NODE_END_ENTIRE, NODE_HEADER_SIZE, 0};
	char turned[LOADOPT_PATH_SIZE];
	int len;

	if (size < 2 * NODE_HEADER_SIZE || strlen(path) >= sizeof(turned))
		return -ENAMETOOLONG;
	memcpy(turned, path, strlen(path) + 1);
	for (char *c = turned; *c; c++)
		if (*c == '/')
			*c = '\\';
	len = loadvar_from_string(turned, buf + NODE_HEADER_SIZE, size - 2 * NODE_HEADER_SIZE);
	if (len < 0)
		return len;
	len += NODE_HEADER_SIZE;
	buf[0] = NODE_MEDIA;
	buf[1] = NODE_MEDIA_FILE;
	write_number(buf + 2, 2, (uint64_t)len);
	memcpy(buf + len, end, sizeof(end));
	return len + NODE_HEADER_SIZE;
}

int loadopt_build(const struct loadopt *o, uint8_t *buf, size_t size)
{
	char partuuid[PARTUUID_SIZE];
	struct slice name = {o->partition.partuuid, strlen(o->partition.partuuid)};
	size_t list;
	int len;

	if (!o->description[0] || !o->path[0] || loadvar_partuuid(name, partuuid) < 0)
		return -EINVAL;
	if (size < OPTION_HEADER_SIZE)
		return -ENAMETOOLONG;
	len = loadvar_from_string(o->description, buf + OPTION_HEADER_SIZE,
				  size - OPTION_HEADER_SIZE);
	if (len < 0)
		return len;
	list = OPTION_HEADER_SIZE + (size_t)len;
	if (size - list < DRIVE_NODE_SIZE)
		return -ENAMETOOLONG;
	write_drive(&o->partition, buf + list);
	len = write_file(o->path, buf + list + DRIVE_NODE_SIZE, size - list - DRIVE_NODE_SIZE);
	if (len < 0)
		return len;
	len += DRIVE_NODE_SIZE;
	write_number(buf, 4, o->attributes);
	write_number(buf + 4, 2, (uint64_t)len);
	return (int)list + len;
}

void loadopt_name(uint16_t number, char name[LOADOPT_NAME_SIZE])
{
	memcpy(name, "Boot", 4);
	for (unsigned int i = 0; i < 4; i++)
		name[4 + i] = hex_upper[number >> (12 - 4 * i) & 0xf];
	name[8] = '\0';
}

int loadopt_number(const char *name, uint16_t *ret)
{
	uint16_t number = 0;

	if (strncmp(name, "Boot", 4) != 0)
		return -EINVAL;
	for (unsigned int i = 4; i < 8; i++) {
		if (!char_is_hex(name[i]) || (char_is_alpha(name[i]) && !char_is_upper(name[i])))
			return -EINVAL;
		number = (uint16_t)(number << 4 | hex_value(name[i]));
	}
	if (name[8] != '\0' && name[8] != '-')
		return -EINVAL;
	*ret = number;
	return 0;
}

int loadopt_order_parse(const uint8_t *data, size_t len, struct loadopt_order *ret)
{
	if (len % 2 != 0)
		return -EINVAL;
	if (len / 2 > LOADOPT_ORDER_MAX)
		return -E2BIG;
	ret->n = (unsigned int)(len / 2);
	for (unsigned int i = 0; i < ret->n; i++)
		ret->number[i] = read_u16(data + 2 * i);
	return 0;
}

size_t loadopt_order_build(const struct loadopt_order *o, uint8_t buf[2 * LOADOPT_ORDER_MAX])
{
	for (unsigned int i = 0; i < o->n; i++)
		write_number(buf + 2 * i, 2, o->number[i]);
	return 2 * (size_t)o->n;
}

int loadopt_order_find(const struct loadopt_order *o, uint16_t number)
{
	for (unsigned int i = 0; i < o->n; i++)
		if (o->number[i] == number)
			return (int)i;
	return -1;
}

void loadopt_order_remove(struct loadopt_order *o, uint16_t number)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < o->n; i++)
		if (o->number[i] != number)
			o->number[n++] = o->number[i];
	o->n = n;
}

void loadopt_order_insert(struct loadopt_order *o, unsigned int at, uint16_t number)
{
	if (o->n == LOADOPT_ORDER_MAX)
		o->n--;
	if (at > o->n)
		at = o->n;
	memmove(o->number + at + 1, o->number + at, (o->n - at) * sizeof(o->number[0]));
	o->number[at] = number;
	o->n++;
}
