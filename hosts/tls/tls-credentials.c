// SPDX-License-Identifier: Apache-2.0

#include <string.h>

#include "tls.h"

/* PEM is read with its terminating zero. A file of several is good only if all of them are. */
static int readCertificates(mbedtls_x509_crt *into, const char *pem)
{
	return 0 == mbedtls_x509_crt_parse(into, (const unsigned char *)pem, strlen(pem) + 1);
}

#if kTlsHasOwnRandom
#define kTlsRandom(CREDENTIALS) mbedtls_ctr_drbg_random, &(CREDENTIALS)->random

static int seed(TlsCredentials *credentials)
{
	mbedtls_entropy_init(&credentials->entropy);
	mbedtls_ctr_drbg_init(&credentials->random);
	return 0 == mbedtls_ctr_drbg_seed(&credentials->random, mbedtls_entropy_func, &credentials->entropy, NULL, 0);
}
#endif

static int readKey(TlsCredentials *credentials, const char *pem)
{
	const unsigned char *key = (const unsigned char *)pem;
#if kTlsHasOwnRandom && kTlsHasPsa
	return 0 == mbedtls_pk_parse_key(&credentials->key, key, strlen(pem) + 1, NULL, 0, kTlsRandom(credentials));
#else
	return 0 == mbedtls_pk_parse_key(&credentials->key, key, strlen(pem) + 1, NULL, 0);
#endif
}

static int isPair(TlsCredentials *credentials)
{
#if kTlsHasOwnRandom && kTlsHasPsa
	return 0 == mbedtls_pk_check_pair(&credentials->certificate.pk, &credentials->key, kTlsRandom(credentials));
#else
	return 0 == mbedtls_pk_check_pair(&credentials->certificate.pk, &credentials->key);
#endif
}

static int configure(TlsCredentials *credentials)
{
	mbedtls_ssl_config *config = &credentials->config;

	if (0 != mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT))
		return 0;
#if MBEDTLS_VERSION_NUMBER < 0x03000000
	mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#endif
#if kTlsHasOwnRandom
	mbedtls_ssl_conf_rng(config, kTlsRandom(credentials));
#endif
	mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(config, &credentials->authorities, NULL);
	return 1;
}

int tlsCredentialsOpen(TlsCredentials *credentials, const char *authorities, const char *certificate, const char *key)
{
	credentials->owners = 1;
	mbedtls_x509_crt_init(&credentials->authorities);
	mbedtls_x509_crt_init(&credentials->certificate);
	mbedtls_pk_init(&credentials->key);
	mbedtls_ssl_config_init(&credentials->config);
#if kTlsHasOwnRandom
	if (!seed(credentials))
		return kTlsNoMemory;
#endif
#if kTlsHasPsa
	if (PSA_SUCCESS != psa_crypto_init())
		return kTlsNoMemory;
#endif
	if (!configure(credentials))
		return kTlsNoMemory;
	if (!readCertificates(&credentials->authorities, authorities))
		return kTlsBadAuthority;
	if (NULL == certificate)
		return kTlsGood;
	if (!readCertificates(&credentials->certificate, certificate))
		return kTlsBadCertificate;
	if (!readKey(credentials, key))
		return kTlsBadKey;
	if (!isPair(credentials))
		return kTlsForeignKey;
	return 0 == mbedtls_ssl_conf_own_cert(&credentials->config, &credentials->certificate, &credentials->key) ? kTlsGood : kTlsNoMemory;
}

void tlsCredentialsRelease(TlsCredentials *credentials)
{
	credentials->owners -= 1;
	if (credentials->owners > 0)
		return;
	mbedtls_ssl_config_free(&credentials->config);
	mbedtls_pk_free(&credentials->key);
	mbedtls_x509_crt_free(&credentials->certificate);
	mbedtls_x509_crt_free(&credentials->authorities);
#if kTlsHasOwnRandom
	mbedtls_ctr_drbg_free(&credentials->random);
	mbedtls_entropy_free(&credentials->entropy);
#endif
}
