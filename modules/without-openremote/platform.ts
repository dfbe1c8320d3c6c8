// SPDX-License-Identifier: Apache-2.0
// Takes the place of modules/device/platform in a firmware that does without OpenRemote.

import type { Dialect } from "../cloud/dialect.js";
import { ThingsBoard } from "../cloud/thingsboard.js";
import type { PlatformOptions, Platform as Whole } from "../device/platform.js";
import type { Link } from "../session/link.js";
import { Session } from "../session/session.js";

export class Platform implements Pick<Whole, keyof Whole> {
  readonly dialect: Dialect;
  readonly session: Session;
  readonly link: Link;
  readonly echoes = undefined;
  readonly assets = undefined;
  readonly requester = undefined;
  readonly attempts = undefined;

  constructor({ host, config }: PlatformOptions) {
    const { text, clock, random, log, connect, system } = host;
    this.dialect = new ThingsBoard(text);
    this.session = new Session({
      ...{ ...config.session, clock, random, text, log, connect, server: config.server },
      credentials: { clientId: system.identity },
    });
    this.link = this.session;
  }
}
