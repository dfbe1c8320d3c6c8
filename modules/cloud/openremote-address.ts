// SPDX-License-Identifier: Apache-2.0

/** Stands in a filter for the id of the device's asset, which may not be known yet. */
export const assetIdMark = "{assetId}";

const valueLevel = "attributevalue/";
const writeValueLevel = "writeattributevalue/";
const writeDatedLevel = "writeattribute/";

/** Where a device is at home in a manager: every topic begins with its realm and its client identifier, most end with its asset. */
export class OpenRemoteAddress {
  readonly clientId: string;
  #realm: string;
  #assetId: string;
  #prefix: string;

  /** Without realm and asset it is not known before `settle`. */
  constructor(clientId: string, realm = "", assetId = "") {
    this.clientId = clientId;
    this.#realm = realm;
    this.#assetId = assetId;
    this.#prefix = `${realm}/${clientId}/`;
  }

  get isKnown(): boolean {
    return this.#assetId !== "";
  }

  get realm(): string {
    return this.#realm;
  }

  get assetId(): string {
    return this.#assetId;
  }

  /** The manager has told. False when it told something else before. */
  settle(realm: string, assetId: string): boolean {
    if (this.isKnown) return realm === this.#realm && assetId === this.#assetId;
    this.#realm = realm;
    this.#assetId = assetId;
    this.#prefix = `${realm}/${this.clientId}/`;
    return true;
  }

  /** The whole of a topic, or of a filter with `assetIdMark`. Only while known. */
  resolve(tail: string): string {
    return this.#prefix + tail.replace(assetIdMark, this.#assetId);
  }

  /** What follows realm and client identifier; undefined for a topic of somebody else. */
  tailOf(topic: string): string | undefined {
    return topic.startsWith(this.#prefix) ? topic.slice(this.#prefix.length) : undefined;
  }

  /** Of a value of the device's own asset, with its time or for the manager to stamp. */
  writeTopic(name: string, isDated: boolean): string {
    return `${this.#prefix}${isDated ? writeDatedLevel : writeValueLevel}${name}/${this.#assetId}`;
  }

  /** The attribute of the device's asset that a topic of `writeTopic` is about; undefined for any other. */
  writtenName(topic: string): string | undefined {
    return this.#nameIn(topic, writeValueLevel) ?? this.#nameIn(topic, writeDatedLevel);
  }

  /** Whether the message on a topic of `writeTopic` tells the time. */
  isDated(topic: string): boolean {
    return topic.startsWith(writeDatedLevel, this.#prefix.length);
  }

  /** The attribute of the device's asset whose value comes on a topic; undefined for any other. */
  toldName(topic: string): string | undefined {
    return this.#nameIn(topic, valueLevel);
  }

  #nameIn(topic: string, level: string): string | undefined {
    const start = this.#prefix.length + level.length;
    const end = topic.length - this.#assetId.length - 1;
    if (end <= start || !topic.startsWith(level, this.#prefix.length) || !topic.startsWith(this.#prefix))
      return undefined;
    if (!topic.endsWith(this.#assetId) || topic.charAt(end) !== "/") return undefined;
    const name = topic.slice(start, end);
    return name.includes("/") ? undefined : name;
  }
}

/** Every value of the device's asset. There is no other filter for them: where two match, the manager sends copies for both. */
export const valuesFilter = `${valueLevel}+/${assetIdMark}`;
