// SPDX-License-Identifier: Apache-2.0
// What is checked of the server's certificates besides what Mbed TLS does: dates by the host's clock, if it has one, and
// addresses, which version 2 does not know.

#include <string.h>

#include "tls-verify.h"

#define kSecondsPerDay 86400
#define kSubjectAltName "\x55\x1D\x11"
#define kAddressTag (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7)
#define kSequenceTag (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

/* Days from 1970-01-01 to a day of the Gregorian calendar: the years begin in March. */
static int64_t daysSince1970(int year, int month, int day)
{
	int64_t years = year - (month <= 2);
	int64_t era = years / 400, yearOfEra = years - era * 400;
	int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

static int64_t secondsOf(const mbedtls_x509_time *time)
{
	return daysSince1970(time->year, time->mon, time->day) * kSecondsPerDay + time->hour * 3600 + time->min * 60 + time->sec;
}

/* RFC 5280, 4.2.1.6: a sequence of names of several kinds. */
static int namesHave(uint8_t *p, const uint8_t *end, const uint8_t *address)
{
	size_t length;

	if (0 != mbedtls_asn1_get_tag(&p, end, &length, kSequenceTag))
		return 0;
	while (p < end) {
		uint8_t tag = *p;
		if (0 != mbedtls_asn1_get_tag(&p, end, &length, tag))
			return 0;
		if ((kAddressTag == tag) && (4 == length) && (0 == memcmp(p, address, 4)))
			return 1;
		p += length;
	}
	return 0;
}

static int certificateHas(const mbedtls_x509_crt *certificate, const uint8_t *address)
{
	uint8_t *p = certificate->v3_ext.p;
	const uint8_t *end = p + certificate->v3_ext.len;
	size_t length;

	if ((NULL == p) || (0 != mbedtls_asn1_get_tag(&p, end, &length, kSequenceTag)))
		return 0;
	while (p < end) {
		const uint8_t *next;
		int isNames;

		if (0 != mbedtls_asn1_get_tag(&p, end, &length, kSequenceTag))
			return 0;
		next = p + length;
		if (0 != mbedtls_asn1_get_tag(&p, next, &length, MBEDTLS_ASN1_OID))
			return 0;
		isNames = (3 == length) && (0 == memcmp(p, kSubjectAltName, 3));
		p += length;
		if ((p < next) && (MBEDTLS_ASN1_BOOLEAN == *p)) {
			if (0 != mbedtls_asn1_get_tag(&p, next, &length, MBEDTLS_ASN1_BOOLEAN))
				return 0;
			p += length;
		}
		if (0 != mbedtls_asn1_get_tag(&p, next, &length, MBEDTLS_ASN1_OCTET_STRING))
			return 0;
		if (isNames)
			return namesHave(p, p + length, address);
		p = (uint8_t *)next;
	}
	return 0;
}

int tlsVerify(void *it, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
	TlsSession *session = it;

	// Mbed TLS may have looked at the system's clock, which may not be set.
	*flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
	if (session->now > 0) {
		if (session->now > secondsOf(&certificate->valid_to))
			*flags |= MBEDTLS_X509_BADCERT_EXPIRED;
		if (session->now < secondsOf(&certificate->valid_from))
			*flags |= MBEDTLS_X509_BADCERT_FUTURE;
	}
	if ((0 == depth) && session->hasAddress && !certificateHas(certificate, session->address))
		*flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
	session->flags |= *flags;
	return 0;
}

int tlsVerdict(const TlsSession *session)
{
	const uint32_t known = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCERT_CN_MISMATCH;

	if (session->flags & ~known)
		return kTlsUntrusted;
	if (session->flags & MBEDTLS_X509_BADCERT_EXPIRED)
		return kTlsExpired;
	if (session->flags & MBEDTLS_X509_BADCERT_FUTURE)
		return kTlsNotYetValid;
	return (session->flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) ? kTlsWrongHost : kTlsUntrusted;
}
