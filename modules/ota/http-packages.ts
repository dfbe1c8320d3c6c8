// SPDX-License-Identifier: Apache-2.0

import { FailureLog } from "../core/failure-log.js";
import type { Host, SocketFactory } from "../core/ports.js";
import { HttpSource } from "./http/http-source.js";
import { NetworkedSource } from "./networked-source.js";
import type { PackageReceiver, PackageSource } from "./package-source.js";

/** Packages that come by HTTP, while there is a network. */
export class HttpPackages {
  readonly #host: Host;
  readonly #secureFor: SocketFactory | undefined;
  /** Made with the first package. */
  #failures: FailureLog | undefined;
  /** The last one: there is one at a time. */
  #source: NetworkedSource | undefined;
  #hasNetwork = false;

  /** Without `secureFor`, URLs of HTTPS are refused. */
  constructor(host: Host, secureFor: SocketFactory | undefined) {
    this.#host = host;
    this.#secureFor = secureFor;
  }

  open(url: string, receiver: PackageReceiver): PackageSource {
    const { clock, random, text, connect, log } = this.#host;
    this.#failures ??= new FailureLog(clock, log, "ota.http");
    const source = new HttpSource({
      ...{ clock, random, text, failures: this.#failures, connect, secureFor: this.#secureFor, url, receiver },
      buffer: new Uint8Array(receiver.image.chunkLength),
    });
    this.#source = new NetworkedSource(source, this.#hasNetwork);
    return this.#source;
  }

  setNetwork(isUp: boolean): void {
    this.#hasNetwork = isUp;
    this.#source?.setNetwork(isUp);
  }
}
