// SPDX-License-Identifier: Apache-2.0

import { ThingsBoard } from "../cloud/thingsboard.js";
import { Session } from "../session/session.js";
import type { Platform, PlatformOptions } from "./platform.js";

export class ThingsBoardPlatform implements Platform {
  readonly dialect: ThingsBoard;
  readonly session: Session;
  readonly link: Session;
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
