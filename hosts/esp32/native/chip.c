// SPDX-License-Identifier: Apache-2.0
// What the SDK does not hand to JavaScript. Bound by the "ffi" section of ../manifest.json.

#include <stdint.h>
#include <string.h>

#include "esp_attr.h"
#include "esp_event.h"
#include "esp_system.h"
#include "esp_wifi.h"
#include "sdkconfig.h"

#define kIntended 0x78737468

/* Outlives a reset by software, and holds anything after power-on. */
static RTC_NOINIT_ATTR uint32_t gRestart;

#define kTextSize 644

/* Text in memory like that of gRestart: good where `check` is that of the text. */
typedef struct {
	uint32_t check;
	char text[kTextSize];
} KeptText;

static RTC_NOINIT_ATTR KeptText gError;
static RTC_NOINIT_ATTR KeptText gTrail;

static volatile uint8_t gWifiReason;

const char *xsthing_target(void)
{
	return CONFIG_IDF_TARGET;
}

void xsthing_restart(void)
{
	gRestart = kIntended;
	esp_restart();
}

/* Tells a restart that was asked for from one after an exception, for which ESP-IDF has one reason. True once. */
int32_t xsthing_restart_was_intended(void)
{
	int32_t wasIntended = kIntended == gRestart;
	gRestart = 0;
	return wasIntended;
}

/* FNV-1a. Its basis is not zero, so that memory full of zeros is no text. */
static uint32_t checkOf(const char *text, size_t length)
{
	uint32_t hash = 0x811c9dc5 ^ (uint32_t)length;
	size_t i;

	for (i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)text[i]) * 0x01000193;
	return hash;
}

/* Text that is too long is not kept, lest it end within a character; nor is any before it. */
static void keep(KeptText *kept, const char *text)
{
	size_t length = strlen(text);

	if (length >= kTextSize) {
		length = 0;
		text = "";
	}
	memcpy(kept->text, text, length + 1);
	kept->check = checkOf(kept->text, length);
}

/* A copy, which the glue frees: what lies here changes. */
static char *copyOf(const KeptText *kept)
{
	size_t length = strnlen(kept->text, kTextSize);

	if ((kTextSize == length) || (kept->check != checkOf(kept->text, length)))
		return strdup("");
	return strdup(kept->text);
}

void xsthing_keep_error(char *text)
{
	keep(&gError, text);
}

void xsthing_keep_trail(char *text)
{
	keep(&gTrail, text);
}

char *xsthing_kept_error(void)
{
	return copyOf(&gError);
}

char *xsthing_kept_trail(void)
{
	return copyOf(&gTrail);
}

static void onWifiEvent(void *context, esp_event_base_t base, int32_t id, void *data)
{
	if (WIFI_EVENT_STA_DISCONNECTED == id)
		gWifiReason = ((wifi_event_sta_disconnected_t *)data)->reason;
}

/* To be called before the SDK's Wi-Fi is made: handlers run in order, and the SDK's passes the event on without the reason. */
void xsthing_watch_wifi(void)
{
	esp_event_loop_create_default();
	esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, onWifiEvent, NULL);
}

/* Of the last disconnection, wifi_err_reason_t; 0 when there was none since the last call. */
int32_t xsthing_take_wifi_reason(void)
{
	int32_t reason = gWifiReason;
	gWifiReason = 0;
	return reason;
}
