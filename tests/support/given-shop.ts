/** Owns the selling routes of the tests: the real edge and host over a real database and a real sandbox provider, under a clock that stands still. */

import type { FlightClient } from "../../actors/client.ts";
import type { MemberId } from "../../actors/domain/ids.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import type { Rules } from "../../actors/domain/rules.ts";
import { silent } from "../../actors/telemetry.ts";
import { SqlAdminReader } from "../../db/read/admin.ts";
import { SqlCatalogueReader } from "../../db/read/catalogue.ts";
import { SqlReservationReader } from "../../db/read/reservations.ts";
import { FlightPublisher } from "../../db/stores/flight-publisher.ts";
import { PaymentStore } from "../../db/stores/payments.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { AccessTokens } from "../../http/accounts/access-tokens.ts";
import type { Role } from "../../http/accounts/member.ts";
import { MemoryRevocations } from "../../http/accounts/revocations.ts";
import { readSigningKeys } from "../../http/accounts/signing-keys.ts";
import { adminRoutes } from "../../http/admin/routes.ts";
import { edge } from "../../http/edge.ts";
import { LiveStreams, type LiveStreamsOptions } from "../../http/live/live-streams.ts";
import { seatRoutes } from "../../http/live/routes.ts";
import { SeatFeeds } from "../../http/live/seat-feeds.ts";
import { SeatMaps } from "../../http/live/seat-maps.ts";
import { Readiness } from "../../http/ops/readiness.ts";
import { paymentRoutes, webhookRoutes } from "../../http/payments/routes.ts";
import { Authentication } from "../../http/plugins/authentication.ts";
import { personHash } from "../../http/reservations/person.ts";
import { reservationRoutes } from "../../http/reservations/routes.ts";
import { Surface } from "../../http/surface.ts";
import { PaymentDesk } from "../../queue/payments/payment-desk.ts";
import { Settlement } from "../../queue/payments/settlement.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import { FakeClock } from "./fake-clock.ts";
import { FLIGHT_ID, givenPlan } from "./given.ts";
import { type GivenHost, givenHost } from "./given-host.ts";
import { decide, type GivenSandbox, givenSandbox } from "./given-sandbox.ts";

/** The room of a system that has none: it is off for every flight, and everybody may reserve. */
const noWaitingRoom: WaitingRoom = {
  state: () => "off",
  admits: () => ({ admitted: true }),
};

export const ORIGIN = "http://localhost:3000";

/** Made once for all tests: what signs their tokens is no secret. */
const keys = await readSigningKeys(
  JSON.stringify({
    kty: "OKP",
    crv: "Ed25519",
    d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  }),
);

export interface GivenShopOptions {
  readonly plans?: readonly FlightPlan[];
  readonly rules?: Partial<Rules>;
  readonly waitingRoom?: WaitingRoom;
  readonly streams?: LiveStreamsOptions;
  /** Puts itself between the routes and the flights. */
  readonly around?: (flights: FlightClient) => FlightClient;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Read as JSON; empty when there is none. */
  readonly body: AnsweredBody;
}

/** Members of the bodies that the tests look into. What is there is for them to find out. */
export interface AnsweredBody {
  readonly id: string;
  readonly flightId: string;
  readonly status: string;
  readonly passengers: readonly { readonly name: string; readonly seat: string }[];
  readonly checkoutUrl: string;
  readonly payment: { readonly id: string; readonly status: string; readonly checkoutUrl: string };
  readonly refund: unknown;
  readonly code: string;
  readonly field: string;
  readonly reason: string;
  readonly retryable: boolean;
  readonly alternatives: readonly string[];
  readonly items: readonly AnsweredBody[];
  readonly page: number;
  readonly size: number;
  readonly total: unknown;
  readonly version: number;
  readonly seats: readonly (string | { readonly seat: string; readonly state: string })[];
  readonly next: number | null;
  readonly number: string;
  readonly cabins: unknown;
}

export class GivenShop {
  readonly clock: FakeClock;
  readonly host: GivenHost;
  readonly sandbox: GivenSandbox;
  readonly streams: LiveStreams;
  readonly settlement: Settlement;
  readonly app;
  readonly #tokens: AccessTokens;

  private constructor(host: GivenHost, sandbox: GivenSandbox, options: GivenShopOptions) {
    const { clock } = sandbox;
    const { bus, db } = host;
    const flights = options.around?.(host.client) ?? host.client;
    const entropy = systemEntropy();
    this.clock = clock;
    this.host = host;
    this.sandbox = sandbox;
    this.streams = new LiveStreams(clock, options.streams);
    // Of a clock of their own: no token expires here, however much time passes.
    const still = new FakeClock();
    this.#tokens = new AccessTokens({ keys, revocations: new MemoryRevocations(still, 1_000), clock: still, entropy });
    const authentication = new Authentication(this.#tokens);
    const reservations = new SqlReservationReader(db.read);
    const { waitingRoom = noWaitingRoom } = options;
    const book = new PaymentStore(db);
    const provider = new Proxy(sandbox.provider, { get: (_, name) => Reflect.get(sandbox.provider, name) });
    this.settlement = new Settlement({ book, provider, flights, clock, entropy, telemetry: silent });
    const desk = new PaymentDesk({
      provider,
      book,
      settlement: this.settlement,
      flights,
      returnUrl: `${ORIGIN}/reservations`,
      telemetry: silent,
    });
    const seatMaps = new SeatMaps(flights);
    const surface = new Surface();
    this.app = edge(
      {
        clock,
        entropy,
        telemetry: silent,
        isHttps: false,
        bodyBytesMax: 65_536,
        requestTimeoutMs: 24 * 3_600_000,
        readiness: new Readiness(clock, []),
      },
      surface,
      authentication,
    )
      .use(
        reservationRoutes({
          flights,
          reservations,
          waitingRoom,
          authentication,
          personOf: personHash(new Uint8Array(32).fill(1)),
          clock,
        }),
      )
      .use(
        paymentRoutes({
          flights,
          reservations,
          authentication,
          desk,
          returnUrls: { publicUrl: ORIGIN, allowLoopback: false },
        }),
      )
      .use(webhookRoutes({ desk }))
      .use(seatRoutes({ seatMaps, seatFeeds: new SeatFeeds(bus, seatMaps, this.streams) }))
      .use(
        adminRoutes({
          authentication,
          admin: new SqlAdminReader(db.read),
          catalogue: new SqlCatalogueReader(db.read),
          publisher: new FlightPublisher(db.write, db.dialect),
          waitingRoom,
          clock,
        }),
      );
    surface.describe(this.app);
  }

  static async open(options: GivenShopOptions = {}): Promise<GivenShop> {
    const sandbox = givenSandbox({ webhooks: "held" });
    const { plans = [givenPlan()], rules = {} } = options;
    const host = await givenHost({ clock: sandbox.clock, plans, rules });
    return new GivenShop(host, sandbox, options);
  }

  async close(): Promise<void> {
    this.streams.closeAll();
    await this.host.stop();
    await this.sandbox.stop();
  }

  async as(id: MemberId, role: Role = "MEMBER"): Promise<Caller> {
    const token = await this.#tokens.issue({ id, role }, `session-of-${id}`);
    return new Caller((request) => this.app.handle(request), { authorization: `Bearer ${token}` });
  }

  nobody(): Caller {
    return new Caller((request) => this.app.handle(request), {});
  }

  /** What somebody says at the checkout. */
  async checkout(checkoutUrl: string, choice: object): Promise<void> {
    const { pathname } = new URL(checkoutUrl);
    await decide(`${this.sandbox.sandbox.url}${pathname}`, choice);
  }

  /** Looks at what the provider says of the attempt, as its webhook makes the server do. */
  async settle(attempt: string): Promise<void> {
    const payment = await new PaymentStore(this.host.db).find(attempt);
    if (payment === null) throw new Error(`there is an attempt ${attempt}`);
    await this.settlement.look(payment);
  }
}

type Transport = (request: Request) => Response | Promise<Response>;
type HeaderFields = Readonly<Record<string, string>>;

/** Somebody who calls the API, with the same header fields each time. */
export class Caller {
  readonly #transport: Transport;
  readonly #headers: HeaderFields;

  constructor(transport: Transport, headers: HeaderFields) {
    this.#transport = transport;
    this.#headers = headers;
  }

  get(path: string, headers: HeaderFields = {}): Promise<Answered> {
    return this.send("GET", path, undefined, headers);
  }

  delete(path: string): Promise<Answered> {
    return this.send("DELETE", path);
  }

  /** @param key the idempotency key @default a new one */
  post(path: string, body: unknown, key: string = Bun.randomUUIDv7(), headers: HeaderFields = {}): Promise<Answered> {
    return this.send("POST", path, body, { "idempotency-key": key, ...headers });
  }

  /** Holds seats of the given flight: those named, or one without a name. */
  hold(seats: readonly string[] = [], key?: string, flightId: string = FLIGHT_ID): Promise<Answered> {
    const passengers =
      seats.length === 0 ? [{ name: "Kim Minji" }] : seats.map((seat, at) => ({ name: `Kim ${at}`, seat }));
    return this.post(`/api/v1/flights/${flightId}/reservations`, { passengers }, key);
  }

  async send(method: string, path: string, body?: unknown, headers: HeaderFields = {}): Promise<Answered> {
    const response = await this.open(method, path, body, headers);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text || "{}") };
  }

  /** The response as it comes, for what has no end. */
  async open(method: string, path: string, body?: unknown, headers: HeaderFields = {}): Promise<Response> {
    return this.#transport(
      new Request(`${ORIGIN}${path}`, {
        method,
        headers: {
          ...this.#headers,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
  }
}
