// SPDX-License-Identifier: Apache-2.0

import { Assets } from "../assets/assets.js";
import { Echoes } from "../attributes/echoes.js";
import type { AttributeRequester } from "../attributes/request.js";
import type { ProvisionedAsset, SessionLimits } from "../cloud/dialect.js";
import { JsonScanner } from "../cloud/json-scanner.js";
import { OpenRemote } from "../cloud/openremote.js";
import { OpenRemoteAddress } from "../cloud/openremote-address.js";
import { maxAssetMembers, OpenRemoteAssets } from "../cloud/openremote-assets.js";
import { OpenRemoteProvisioning } from "../cloud/openremote-provisioning.js";
import { CertificatePrelude } from "../provisioning/certificate-prelude.js";
import type { SessionOptions } from "../session/options.js";
import { Session } from "../session/session.js";
import { AssetLink } from "./asset-link.js";
import { AssetRequests } from "./asset-requests.js";
import { located } from "./config-fields.js";
import { type CompleteOpenRemote, clientIdOf } from "./config-openremote.js";
import { ownNames } from "./device-attributes.js";
import type { Platform, PlatformOptions } from "./platform.js";

/** The manager has no limits on what a device sends. */
const noLimits: SessionLimits = Object.freeze({
  maxPayload: undefined,
  maxInflight: undefined,
  messages: Object.freeze([]),
  telemetryMessages: Object.freeze([]),
  telemetryDataPoints: Object.freeze([]),
});

/** Telemetry has one datum a message, up to 16 live ones and 8 of the journal's under way, and shall leave room for everything else. */
const sessionWindow = 32;

/** As long as the broker waits for a sign of life, in keep-alives. */
const lockoutFactor = 1.5;

/** A device with an asset of its own, whose wire knows the address of that once the server has told it. */
export class OpenRemotePlatform implements Platform {
  readonly dialect: OpenRemote;
  readonly session: Session;
  readonly link: AssetLink;
  readonly echoes: Echoes;
  readonly assets: Assets;
  readonly requester: AttributeRequester | undefined;
  readonly #options: PlatformOptions;
  readonly #prelude: CertificatePrelude | undefined;
  readonly #address: OpenRemoteAddress;

  /** Throws `TypeError` or `RangeError` naming the field of the configuration. */
  constructor(options: PlatformOptions, openremote: CompleteOpenRemote) {
    const { host, config } = options;
    const { text, clock, random, log, connect, system } = host;
    this.#options = options;
    const clientId =
      openremote.clientId ?? clientIdOf(system.identity, "the device's identity, for want of a clientId");
    const address = new OpenRemoteAddress(clientId, openremote.realm, openremote.assetId);
    const { rpc: commands, reports } = openremote;
    const silenced = ["log", ...ownNames].filter((name) => !reports.includes(name));
    const dialect = new OpenRemote({ clock, text, address, commands, silenced });
    this.#address = address;
    this.#prelude = this.#makePrelude(openremote);
    this.session = new Session({
      ...{ ...config.session, clock, random, text, log, connect, server: config.server },
      credentials: { clientId },
      window: sessionWindow,
      lockout: Math.ceil(config.session.keepAlive * lockoutFactor),
      unsubscribes: openremote.gatewayApi,
      prelude: this.#prelude,
      will: willOf(openremote, address),
    });
    this.session.apply(noLimits);
    this.echoes = new Echoes(clock);
    const { attributes } = dialect;
    this.link = new AssetLink({ link: this.session, address, attributes, echoes: this.echoes });
    this.dialect = dialect;
    const { assetFilter: filter } = attributes;
    this.link.subscribe({ filter, QoS: 0, onMessage: () => attributes.onAssetChanged() });
    const assets = new OpenRemoteAssets(text, address, openremote.gatewayApi);
    this.assets = new Assets({ link: this.link, dialect: assets, clock, random, text, log });
    if (openremote.gatewayApi) this.requester = new AssetRequests(this.assets, address, clock);
  }

  /** Attempts to be provisioned by a certificate; undefined where that is not asked for. */
  get attempts(): number | undefined {
    return this.#prelude?.attempts;
  }

  #makePrelude({ provisioning }: CompleteOpenRemote): CertificatePrelude | undefined {
    if (provisioning === undefined) return undefined;
    const { clock, text, log } = this.#options.host;
    const scanner = new JsonScanner({ text, maxMembers: maxAssetMembers });
    const dialect = new OpenRemoteProvisioning(text, scanner, provisioning.uniqueId, provisioning.certificate);
    const onProvisioned = (asset: ProvisionedAsset) => this.#onProvisioned(asset);
    return located("config.openremote.provisioning", () => {
      return new CertificatePrelude({ clock, text, log, dialect, onProvisioned });
    });
  }

  #onProvisioned({ realm, assetId, values }: ProvisionedAsset): boolean {
    if (!this.#address.settle(realm, assetId)) {
      this.#options.onMoved();
      return false;
    }
    this.link.onSettled();
    this.#options.onSnapshot(values);
    return true;
  }
}

/** JSON as everything that is written: text without quotes would clear the attribute. */
function willOf({ will }: CompleteOpenRemote, address: OpenRemoteAddress): SessionOptions["will"] {
  if (will === undefined) return undefined;
  return { topic: address.writeTopic(will.attribute, false), message: JSON.stringify(will.value), QoS: 1 };
}
