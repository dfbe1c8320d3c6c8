// SPDX-License-Identifier: Apache-2.0
// The functions of ../chip-tcp.ts: TCP over lwIP's raw interface.
//
// lwIP works in a task of its own, and frees the state of a connection whenever the peer or the network ends it. Therefore nothing but
// that task touches a connection that is not marked as the machine's: the machine asks for it to be done, and waits.

#include <stdint.h>
#include <stdlib.h>

#include "lwip/priv/tcpip_priv.h"
#include "lwip/tcp.h"
#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"

typedef struct {
	/* NULL before and after there is a connection: lwIP frees it first and tells then. */
	struct tcp_pcb *pcb;
	/* What was not read yet. */
	struct pbuf *received;
	/* ERR_OK while it lasts, ERR_CLSD where the peer ended it. */
	err_t end;
	uint8_t isConnected;
	/* Of what the machine has not been told. */
	uint8_t hasReceived;
	uint8_t hasRoom;
	/* A message to the machine is under way. */
	uint8_t isPosted;

	/* The machine's. */
	xsMachine *the;
	xsSlot object;
	uint8_t isTelling;
	uint8_t isEndTold;
	uint8_t isClosed;
	/* A message was under way when it was closed. */
	uint8_t isAwaited;
} Connection;

/* What the machine asks for, and what it is answered. */
typedef struct {
	struct tcpip_api_call_data call;
	Connection *connection;
	const ip_addr_t *address;
	uint16_t port;
	uint8_t *bytes;
	size_t count;
	err_t error;
	uint16_t unread;
	uint16_t room;
	err_t end;
	uint8_t hasReceived;
	uint8_t hasRoom;
	uint8_t isPosted;
} Request;

static void tell(void *the, void *it, uint8_t *message, uint16_t length);

/* Where the machine's queue is full, what comes next is told together with it. */
static void post(Connection *connection)
{
	if (!connection->isPosted)
		connection->isPosted = 0 == modMessagePostToMachine(connection->the, NULL, 0, tell, connection);
}

/* Bytes that one write may have. Each takes an entry of the queue for every segment, of which there are so many at once. */
static uint16_t roomOf(const Connection *connection)
{
	struct tcp_pcb *pcb = connection->pcb;

	if ((NULL == pcb) || !connection->isConnected)
		return 0;
	return tcp_sndqueuelen(pcb) + TCP_SND_BUF / TCP_MSS + 2 > TCP_SND_QUEUELEN ? 0 : tcp_sndbuf(pcb);
}

static err_t onConnected(void *it, struct tcp_pcb *pcb, err_t error)
{
	Connection *connection = it;

	connection->isConnected = 1;
	connection->hasRoom = 1;
	post(connection);
	return ERR_OK;
}

static err_t onReceived(void *it, struct tcp_pcb *pcb, struct pbuf *bytes, err_t error)
{
	Connection *connection = it;

	if (NULL == bytes)
		connection->end = ERR_CLSD;
	else {
		connection->hasReceived = 1;
		if (NULL == connection->received)
			connection->received = bytes;
		else
			pbuf_cat(connection->received, bytes);
	}
	post(connection);
	return ERR_OK;
}

static err_t onSent(void *it, struct tcp_pcb *pcb, uint16_t count)
{
	Connection *connection = it;

	connection->hasRoom = 1;
	post(connection);
	return ERR_OK;
}

/* The pcb is gone by then. */
static void onFailed(void *it, err_t error)
{
	Connection *connection = it;

	connection->pcb = NULL;
	if (ERR_OK == connection->end)
		connection->end = error;
	post(connection);
}

static void forget(struct tcp_pcb *pcb)
{
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	if (ERR_OK != tcp_close(pcb))
		tcp_abort(pcb);
}

static err_t openInLwip(struct tcpip_api_call_data *call)
{
	Request *request = (Request *)call;
	Connection *connection = request->connection;
	struct tcp_pcb *pcb = tcp_new();

	if (NULL == pcb)
		return request->error = ERR_MEM;
	tcp_nagle_disable(pcb);
	tcp_arg(pcb, connection);
	tcp_recv(pcb, onReceived);
	tcp_sent(pcb, onSent);
	tcp_err(pcb, onFailed);
	connection->end = tcp_connect(pcb, request->address, request->port, onConnected);
	if (ERR_OK == connection->end)
		connection->pcb = pcb;
	else {
		forget(pcb);
		post(connection);
	}
	return request->error = ERR_OK;
}

static err_t readInLwip(struct tcpip_api_call_data *call)
{
	Request *request = (Request *)call;
	Connection *connection = request->connection;
	struct pbuf *received = connection->received;
	uint16_t count = (uint16_t)request->count;

	if ((NULL == received) || (request->count > received->tot_len))
		return request->error = ERR_ARG;
	pbuf_copy_partial(received, request->bytes, count, 0);
	connection->received = pbuf_free_header(received, count);
	if (connection->pcb)
		tcp_recved(connection->pcb, count);
	// The end was kept back for what is read now.
	if ((NULL == connection->received) && (ERR_OK != connection->end))
		post(connection);
	return request->error = ERR_OK;
}

static err_t writeInLwip(struct tcpip_api_call_data *call)
{
	Request *request = (Request *)call;
	Connection *connection = request->connection;

	if (NULL == connection->pcb)
		return request->error = ERR_CLSD;
	if (request->count > roomOf(connection))
		return request->error = ERR_ARG;
	request->error = tcp_write(connection->pcb, request->bytes, (uint16_t)request->count, TCP_WRITE_FLAG_COPY);
	if (ERR_OK == request->error)
		tcp_output(connection->pcb);
	request->room = roomOf(connection);
	return request->error;
}

/* Takes the news. */
static err_t lookInLwip(struct tcpip_api_call_data *call)
{
	Request *request = (Request *)call;
	Connection *connection = request->connection;

	request->hasReceived = connection->hasReceived;
	request->hasRoom = connection->hasRoom;
	request->unread = connection->received ? connection->received->tot_len : 0;
	request->end = connection->end;
	connection->hasReceived = 0;
	connection->hasRoom = 0;
	connection->isPosted = 0;
	return ERR_OK;
}

static err_t measureInLwip(struct tcpip_api_call_data *call)
{
	Request *request = (Request *)call;

	request->room = roomOf(request->connection);
	return ERR_OK;
}

static err_t closeInLwip(struct tcpip_api_call_data *call)
{
	Request *request = (Request *)call;
	Connection *connection = request->connection;
	struct tcp_pcb *pcb = connection->pcb;

	if (connection->received)
		pbuf_free(connection->received);
	connection->received = NULL;
	connection->pcb = NULL;
	if (pcb)
		forget(pcb);
	request->isPosted = connection->isPosted;
	return ERR_OK;
}

static void release(Connection *connection)
{
	if (!connection->isTelling && !connection->isAwaited)
		free(connection);
}

/* lwIP knows nothing of the connection then, except for a message that may be under way. */
static void closeConnection(Connection *connection)
{
	Request request = { .connection = connection };

	tcpip_api_call(closeInLwip, &request.call);
	connection->isClosed = 1;
	connection->isAwaited = request.isPosted;
	release(connection);
}

static void tell(void *machine, void *it, uint8_t *message, uint16_t length)
{
	xsMachine *the = machine;
	Connection *connection = it;
	Request request = { .connection = connection };

	tcpip_api_call(lookInLwip, &request.call);
	if (connection->isClosed) {
		free(connection);
		return;
	}
	connection->isTelling = 1;
	xsBeginHost(the);
	if (request.hasReceived && request.unread) {
		xsmcSetInteger(xsResult, request.unread);
		xsCall1_noResult(connection->object, xsID_onReadable, xsResult);
	}
	if (!connection->isClosed && request.hasRoom && (ERR_OK == request.end)) {
		// Not earlier: what was just received may have been answered.
		tcpip_api_call(measureInLwip, &request.call);
		if (request.room) {
			xsmcSetInteger(xsResult, request.room);
			xsCall1_noResult(connection->object, xsID_onWritable, xsResult);
		}
	}
	// What was received is read first, and reading the last of it calls back here.
	if (!connection->isClosed && !connection->isEndTold && (ERR_OK != request.end) && (0 == request.unread)) {
		connection->isEndTold = 1;
		xsmcSetInteger(xsResult, request.end);
		xsCall1_noResult(connection->object, xsID_onEnd, xsResult);
	}
	xsEndHost(the);
	connection->isTelling = 0;
	if (connection->isClosed)
		release(connection);
}

/* At the end of the machine only: until it is closed the object is remembered. */
void xs_chip_tcp_destructor(void *data)
{
	if (data)
		closeConnection(data);
}

void xs_chip_tcp(xsMachine *the)
{
	ip_addr_t address;
	Connection *connection;
	Request request = { .address = &address };

	if (!ipaddr_aton(xsmcToString(xsArg(0)), &address))
		xsRangeError("address: not in digits");
	request.port = (uint16_t)xsmcToInteger(xsArg(1));
	request.connection = connection = calloc(1, sizeof(Connection));
	if (NULL == connection)
		xsUnknownError("no memory");
	connection->the = the;
	tcpip_api_call(openInLwip, &request.call);
	if (ERR_OK != request.error) {
		free(connection);
		xsUnknownError("no memory");
	}
	xsmcSetHostData(xsThis, connection);
	connection->object = xsThis;
	xsRemember(connection->object);
}

static Connection *connectionOf(xsMachine *the)
{
	Connection *connection = xsmcGetHostDataValidate(xsThis, xs_chip_tcp_destructor);

	if (NULL == connection)
		xsUnknownError("closed");
	return connection;
}

void xs_chip_tcp_read(xsMachine *the)
{
	Request request = { .connection = connectionOf(the) };
	xsUnsignedValue count;

	xsmcGetBufferWritable(xsArg(0), (void **)&request.bytes, &count);
	request.count = count;
	tcpip_api_call(readInLwip, &request.call);
	if (ERR_OK != request.error)
		xsRangeError("more than was received");
}

/* Undefined where the connection is lost, or where lwIP has no memory for it, which loses it. */
void xs_chip_tcp_write(xsMachine *the)
{
	Request request = { .connection = connectionOf(the) };
	xsUnsignedValue count;

	xsmcGetBufferReadable(xsArg(0), (void **)&request.bytes, &count);
	request.count = count;
	tcpip_api_call(writeInLwip, &request.call);
	if (ERR_ARG == request.error)
		xsRangeError("more than is writable");
	if (ERR_OK == request.error)
		xsmcSetInteger(xsResult, request.room);
}

void xs_chip_tcp_close(xsMachine *the)
{
	Connection *connection = connectionOf(the);

	xsmcSetHostData(xsThis, NULL);
	xsForget(connection->object);
	closeConnection(connection);
}
