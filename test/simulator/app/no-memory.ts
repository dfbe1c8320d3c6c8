// SPDX-License-Identifier: Apache-2.0

import { describeError, Guard } from "hosts/xs/guard";
import { createSocketFactory } from "hosts/xs/socket";
import { check, equal } from "test/contract/check";
import type { HostCase } from "test/contract/host/case";

/** What a computer has enough of. */
export const noMemory: HostCase = {
  name: "a connection that there is no memory for is out-of-memory",
  run: (host, done) => {
    const guard = new Guard((error) => host.log.write("error", "host.panic", describeError(error)));
    const connect = createSocketFactory(guard, () => {
      throw new RangeError("no memory");
    });
    let hasReturned = false;
    connect({
      ...{ host: "127.0.0.1", port: 1, onReadable: () => undefined },
      onWritable: () => check(false, "connected"),
      onError: (reason) => {
        check(hasReturned, "failed inside the call");
        equal(reason, "out-of-memory", "reason");
        done();
      },
    });
    hasReturned = true;
  },
};
