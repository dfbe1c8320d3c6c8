// SPDX-License-Identifier: Apache-2.0

#ifndef __TLS_VERIFY_H__
#define __TLS_VERIFY_H__

#include "tls.h"

/* For mbedtls_ssl_set_verify, with the session. */
int tlsVerify(void *session, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

/* Why a server was not believed. */
int tlsVerdict(const TlsSession *session);

#endif
