// SPDX-License-Identifier: Apache-2.0

import { openDrainedTcp } from "hosts/platform/drained-tcp";
import { createSecureFactory } from "hosts/tls/secure";
import { describeError, Guard } from "hosts/xs/guard";
import { check, equal } from "test/contract/check";
import type { HostCase } from "test/contract/host/case";

/** What cannot be asked of every host, because the clock of a computer is set. */
export const unsetClock: HostCase = {
  name: "a host whose clock is not set looks at everything but dates",
  run: (host, done, { tls }) => {
    const guard = new Guard((error) => host.log.write("error", "host.panic", describeError(error)));
    const secure = createSecureFactory({ guard, open: openDrainedTcp, log: host.log, now: () => 0 });
    const connect = secure({ ca: tls.ca });
    const connectElsewhere = (): void => {
      connect({
        ...{ host: "127.0.0.1", port: tls.elsewhere, onReadable: () => undefined },
        onWritable: () => check(false, "connected elsewhere"),
        onError: (reason) => {
          equal(reason, "tls-wrong-host", "reason");
          done();
        },
      });
    };
    const expired = connect({
      ...{ host: "127.0.0.1", port: tls.expired, onReadable: () => undefined },
      onWritable: () => {
        expired.close();
        connectElsewhere();
      },
      onError: (reason) => equal(reason, undefined, "reason"),
    });
  },
};
