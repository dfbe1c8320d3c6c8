// SPDX-License-Identifier: Apache-2.0
// What the SDK does not hand to JavaScript. Bound by the "ffi" section of ../manifest.json.

#include <stdint.h>

#include "esp_attr.h"
#include "esp_event.h"
#include "esp_system.h"
#include "esp_wifi.h"
#include "sdkconfig.h"

#define kIntended 0x78737468

/* Outlives a reset by software, and holds anything after power-on. */
static RTC_NOINIT_ATTR uint32_t gRestart;

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
