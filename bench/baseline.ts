/** The edge alone, which the benches compare with: an Elysia route that checks the token and the body of a reservation, and decides nothing. */
import { parseArgs } from "node:util";
import { Elysia, t } from "elysia";
import { errors, generateKeyPair, jwtVerify, SignJWT } from "jose";

const ISSUER = "pigonair-bench";
const TOKEN_TTL_S = 3600;
const BEARER = "Bearer ";
const VERIFIED_TOKENS_MAX = 20_000;
const BODY_BYTES_MAX = 16 * 1024;
const TOKENS_MAX = 10_000;

interface Verified {
  readonly memberId: string;
  readonly expiresAtMs: number;
}

/** Remembers tokens whose signature was good, since EdDSA is the dearest step of a request. Whether one has expired is asked each time. */
export class TokenCheck {
  readonly #verified = new Map<string, Verified>();
  readonly #publicKey: CryptoKey;
  readonly #nowMs: () => number;
  readonly #tokensMax: number;

  /** @param tokensMax How many it remembers; the oldest goes first. */
  constructor(publicKey: CryptoKey, nowMs: () => number, tokensMax: number) {
    this.#publicKey = publicKey;
    this.#nowMs = nowMs;
    this.#tokensMax = tokensMax;
  }

  /** The member whom an Authorization field names, or null if it isn't good. A promise only for a token that it meets for the first time. */
  memberOf(authorization: string | null): string | null | Promise<string | null> {
    if (authorization === null) return null;
    const known = this.#verified.get(authorization);
    if (known === undefined) return this.#verify(authorization);
    if (known.expiresAtMs > this.#nowMs()) return known.memberId;
    this.#verified.delete(authorization);
    return null;
  }

  async #verify(authorization: string): Promise<string | null> {
    if (!authorization.startsWith(BEARER)) return null;
    try {
      const { payload } = await jwtVerify(authorization.slice(BEARER.length), this.#publicKey, {
        algorithms: ["EdDSA"],
        issuer: ISSUER,
        currentDate: new Date(this.#nowMs()),
        requiredClaims: ["sub", "exp"],
      });
      const { sub, exp } = payload;
      if (sub === undefined || exp === undefined) return null;
      this.#remember(authorization, { memberId: sub, expiresAtMs: exp * 1000 });
      return sub;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  #remember(authorization: string, verified: Verified): void {
    if (this.#verified.size >= this.#tokensMax) {
      const oldest = this.#verified.keys().next();
      if (!oldest.done) this.#verified.delete(oldest.value);
    }
    this.#verified.set(authorization, verified);
  }
}

const closed = { additionalProperties: false };

/** The body of `POST /flights/{id}/reservations`. */
const ReservationBody = t.Object(
  {
    passengers: t.Array(
      t.Object(
        {
          name: t.String({ minLength: 1, maxLength: 100 }),
          type: t.Optional(t.Union([t.Literal("ADT"), t.Literal("CHD"), t.Literal("INF")])),
          birthDate: t.Optional(t.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" })),
          seat: t.Optional(t.String({ pattern: "^[1-9]\\d{0,2}[A-Z]$" })),
        },
        closed,
      ),
      { minItems: 1, maxItems: 9 },
    ),
    prefer: t.Optional(
      t.Object({ cabin: t.Optional(t.String({ maxLength: 1 })), together: t.Optional(t.Boolean()) }, closed),
    ),
  },
  closed,
);

const unauthenticated = { title: "Unauthenticated", status: 401, code: "UNAUTHENTICATED" };

function baselineApp(tokens: TokenCheck) {
  // Without `normalize: false` Elysia drops unknown fields instead of refusing them. The parser is named, and the status set on `set`,
  // because both are the cheapest ways: the bench compares with the best that the edge can do.
  return new Elysia({ prefix: "/api/v1", normalize: false, serve: { maxRequestBodySize: BODY_BYTES_MAX } }).post(
    "/flights/:id/reservations",
    ({ params, set }) => {
      set.status = 201;
      return { id: "R0000000001", pnr: "ABC234", flightId: params.id, status: "HELD" };
    },
    {
      parse: "json",
      body: ReservationBody,
      beforeHandle: async ({ request, status }) => {
        const member = tokens.memberOf(request.headers.get("authorization"));
        const isGood = (typeof member === "string" ? member : await member) !== null;
        return isGood ? undefined : status(401, unauthenticated);
      },
    },
  );
}

export interface Baseline {
  /** Its origin. */
  readonly url: string;
  /** Access tokens of as many members as were asked for. */
  readonly tokens: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Starts it on `port` of the loopback interface (0: any free one), with a key pair of its own and tokens of `members` members. */
export async function startBaseline(port: number, members: number): Promise<Baseline> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA");
  const tokens = await Promise.all(
    Array.from({ length: members }, () =>
      new SignJWT({ sid: crypto.randomUUID(), role: "MEMBER" })
        .setProtectedHeader({ alg: "EdDSA", kid: "bench" })
        .setIssuer(ISSUER)
        .setSubject(crypto.randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_TTL_S}s`)
        .sign(privateKey),
    ),
  );
  const app = baselineApp(new TokenCheck(publicKey, Date.now, VERIFIED_TOKENS_MAX)).listen({
    port,
    hostname: "127.0.0.1",
  });
  return {
    url: `http://127.0.0.1:${app.server?.port}`,
    tokens,
    stop: async () => {
      await app.stop(true);
    },
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "0" }, members: { type: "string", default: "256" } },
  });
  const members = Math.min(Number(values.members), TOKENS_MAX);
  const { url, tokens } = await startBaseline(Number(values.port), members);
  console.log(JSON.stringify({ url, tokens }));
}
