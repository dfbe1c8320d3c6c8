import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { errorCodes, RestError } from "./errors.js";
import type { Authority } from "./users.js";

const accessTokenSeconds = 9000;
const refreshTokenSeconds = 604_800;

export interface TokenPair {
  readonly token: string;
  readonly refreshToken: string;
}

type Scope = Authority | "REFRESH_TOKEN";

interface Claims {
  readonly sub: string;
  readonly scopes: readonly Scope[];
  readonly iat: number;
  readonly exp: number;
}

/** JSON web tokens, signed with a key that lives as long as the server. */
export class Tokens {
  readonly #key = randomBytes(32);

  issue(user: string, authority: Authority): TokenPair {
    return {
      token: this.#sign(user, authority, accessTokenSeconds),
      refreshToken: this.#sign(user, "REFRESH_TOKEN", refreshTokenSeconds),
    };
  }

  /**
   * @param allowed the token must have one of these scopes
   * @returns the user
   * @throws {RestError} 401
   */
  verify(token: string, allowed: readonly Scope[]): string {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const expected = Buffer.from(this.#signature(`${header}.${payload}`));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw authenticationFailed();
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
    if (!claims.scopes.some((scope) => allowed.includes(scope))) throw authenticationFailed();
    if (claims.exp * 1000 < Date.now()) throw new RestError(401, errorCodes.tokenExpired, "Token has expired");
    return claims.sub;
  }

  #sign(sub: string, scope: Scope, lifetimeSeconds: number): string {
    const iat = Math.floor(Date.now() / 1000);
    const claims: Claims = { sub, scopes: [scope], iat, exp: iat + lifetimeSeconds };
    const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
    return `${signed}.${this.#signature(signed)}`;
  }

  #signature(signed: string): string {
    return createHmac("sha256", this.#key).update(signed).digest("base64url");
  }
}

export function authenticationFailed(message = "Authentication failed"): RestError {
  return new RestError(401, errorCodes.authentication, message);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
