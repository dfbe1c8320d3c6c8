// SPDX-License-Identifier: Apache-2.0
// UTF-8 between strings and buffers without garbage. The SDK's encoder makes an object per call and has to be given a view
// that begins at the right place, its decoder likewise.

#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"

#define kNoRoom (-1)

/* `half` is 0xA0 for the high one of a pair, 0xB0 for the low one. */
static int isSurrogate(const uint8_t *from, uint8_t half)
{
	return (0xED == from[0]) && (half == (from[1] & 0xF0));
}

/* The next character of a string, which XS keeps as UTF-8 but for U+0000 (C0 80) and halves of surrogate pairs. */
static const uint8_t *nextCharacter(const uint8_t *from, uint8_t *character, int *count)
{
	uint8_t first = from[0];
	int i, length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

	for (i = 0; i < length; i++)
		character[i] = from[i];
	*count = length;
	if ((0xC0 == first) && (0x80 == from[1])) {
		character[0] = 0;
		*count = 1;
	}
	else if (isSurrogate(from, 0xA0) && isSurrogate(from + 3, 0xB0)) {
		uint32_t high = ((from[1] & 0x0F) << 6) | (from[2] & 0x3F);
		uint32_t low = ((from[4] & 0x0F) << 6) | (from[5] & 0x3F);
		uint32_t code = 0x10000 + (high << 10) + low;
		character[0] = 0xF0 | (code >> 18);
		character[1] = 0x80 | ((code >> 12) & 0x3F);
		character[2] = 0x80 | ((code >> 6) & 0x3F);
		character[3] = 0x80 | (code & 0x3F);
		*count = 4;
		length = 6;
	}
	else if (isSurrogate(from, 0xA0) || isSurrogate(from, 0xB0)) {
		character[0] = 0xEF;
		character[1] = 0xBF;
		character[2] = 0xBD;
	}
	return from + length;
}

void xs_utf8_byteLength(xsMachine *the)
{
	const uint8_t *from = (const uint8_t *)xsmcToString(xsArg(0));
	uint8_t character[4];
	int count, total = 0;

	while (*from) {
		from = nextCharacter(from, character, &count);
		total += count;
	}
	xsmcSetInteger(xsResult, total);
}

void xs_utf8_encodeInto(xsMachine *the)
{
	const uint8_t *from;
	uint8_t *into, character[4];
	xsUnsignedValue length;
	int offset = xsmcToInteger(xsArg(2)), start = offset, count, i;

	xsmcToString(xsArg(0));
	xsmcGetBufferWritable(xsArg(1), (void **)&into, &length);
	from = (const uint8_t *)xsmcToString(xsArg(0));
	xsmcSetInteger(xsResult, kNoRoom);
	if (offset < 0)
		return;
	while (*from) {
		from = nextCharacter(from, character, &count);
		if ((xsUnsignedValue)(offset + count) > length)
			return;
		for (i = 0; i < count; i++)
			into[offset++] = character[i];
	}
	if ((xsUnsignedValue)offset <= length)
		xsmcSetInteger(xsResult, offset - start);
}

/* Undefined where there is more than printable ASCII, which the SDK's decoder is for. */
void xs_utf8_decodeASCII(xsMachine *the)
{
	uint8_t *from;
	xsUnsignedValue length;
	int start = xsmcToInteger(xsArg(1)), end = xsmcToInteger(xsArg(2)), i;

	xsmcGetBufferReadable(xsArg(0), (void **)&from, &length);
	if ((start < 0) || (end < start) || ((xsUnsignedValue)end > length))
		xsRangeError("out of range");
	for (i = start; i < end; i++) {
		if ((0 == from[i]) || (from[i] >= 0x80))
			return;
	}
	xsmcSetStringBuffer(xsResult, NULL, end - start + 1);
	xsmcGetBufferReadable(xsArg(0), (void **)&from, &length);
	char *text = xsmcToString(xsResult);
	c_memcpy(text, from + start, end - start);
	text[end - start] = 0;
}
