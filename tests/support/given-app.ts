/** Owns the whole API of the tests: every group of routes over a real database and a real host, under a clock that stands still. */

import { dirname } from "node:path";
import type { Server } from "bun";
import { present } from "../../actors/assert.ts";
import type { Rules } from "../../actors/domain/rules.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import { loadAirports } from "../../db/catalogue/airports.ts";
import type { PlannedFlight } from "../../db/catalogue/planned-flight.ts";
import { SqlAdminReader } from "../../db/read/admin.ts";
import { SqlCatalogueReader } from "../../db/read/catalogue.ts";
import { SqlReservationReader } from "../../db/read/reservations.ts";
import { SqlAccountStore } from "../../db/stores/accounts.ts";
import { FlightPublisher } from "../../db/stores/flight-publisher.ts";
import { PaymentStore } from "../../db/stores/payments.ts";
import { RoomStateStore } from "../../db/stores/room-state.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { type AccountServices, openAccounts } from "../../http/accounts/account-services.ts";
import type { AdminCredentials } from "../../http/accounts/admin.ts";
import { signingKeysIn } from "../../http/accounts/signing-keys.ts";
import type { LogLevels } from "../../http/admin/log-routes.ts";
import { StageBoard } from "../../http/admin/stage-board.ts";
import { type App, createApp } from "../../http/app.ts";
import { LiveStreams } from "../../http/live/live-streams.ts";
import { SeatFeeds } from "../../http/live/seat-feeds.ts";
import { SeatMaps } from "../../http/live/seat-maps.ts";
import { Readiness, type ReadinessCheck } from "../../http/ops/readiness.ts";
import { readTrustedProxies } from "../../http/plugins/client-address.ts";
import { personHash } from "../../http/reservations/person.ts";
import { roomServices } from "../../http/room/room-services.ts";
import { serverOptions } from "../../http/server-options.ts";
import type { LogSettings } from "../../http/telemetry/json-log.ts";
import { prometheus } from "../../http/telemetry/prometheus.ts";
import { PaymentDesk } from "../../queue/payments/payment-desk.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { sandboxProvider } from "../../queue/payments/sandbox/adapter.ts";
import { Settlement } from "../../queue/payments/settlement.ts";
import { noBeacon } from "../../queue/room/beacon/beacon.ts";
import { MemoryRoomStore } from "../../queue/room/memory/memory-room-store.ts";
import { openRooms, type WaitingRooms } from "../../queue/room/open-rooms.ts";
import type { RoomStore } from "../../queue/room/room-store.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import { FakeClock } from "./fake-clock.ts";
import { quickArgon2id } from "./given-accounts.ts";
import { type GivenHost, givenHost } from "./given-host.ts";
import type { GivenSandbox } from "./given-sandbox.ts";
import { RecordingTelemetry } from "./recording-telemetry.ts";

export const BODY_BYTES_MAX = 2_000;
export const REQUEST_TIMEOUT_MS = 5_000;

export interface GivenAppOptions {
  readonly flights?: readonly PlannedFlight[];
  readonly checks?: readonly ReadinessCheck[];
  /** @default the waiting rooms themselves */
  readonly waitingRoom?: WaitingRoom;
  /** What the waiting rooms share. @default this process's memory */
  readonly roomStore?: RoomStore;
  readonly isHttps?: boolean;
  /** Where members pay. Its clock is the app's as well. @default nobody pays: the provider's address leads nowhere */
  readonly sandbox?: GivenSandbox;
  readonly admin?: AdminCredentials;
  readonly rules?: Partial<Rules>;
  /** Whether attempts are limited by address as well as by account. @default true */
  readonly addressLimits?: boolean;
  /** @default {@link BODY_BYTES_MAX} */
  readonly bodyBytesMax?: number;
}

export class GivenApp {
  readonly clock: FakeClock;
  readonly host: GivenHost;
  readonly readiness: Readiness;
  readonly log: RecordingTelemetry;
  readonly app: App;
  readonly accounts: AccountServices;
  readonly waitingRooms: WaitingRooms;
  readonly #close: () => Promise<void>;

  private constructor(
    parts: Pick<GivenApp, "clock" | "host" | "readiness" | "log" | "app" | "accounts" | "waitingRooms">,
    close: () => Promise<void>,
  ) {
    this.clock = parts.clock;
    this.host = parts.host;
    this.readiness = parts.readiness;
    this.log = parts.log;
    this.app = parts.app;
    this.accounts = parts.accounts;
    this.waitingRooms = parts.waitingRooms;
    this.#close = close;
  }

  static async open(options: GivenAppOptions = {}): Promise<GivenApp> {
    const { flights: planned = [], checks = [], isHttps = false } = options;
    const { admin = null, rules = {}, addressLimits = true, bodyBytesMax = BODY_BYTES_MAX } = options;
    const clock = options.sandbox?.clock ?? new FakeClock();
    const entropy = systemEntropy();
    const log = new RecordingTelemetry();
    const { telemetry, metrics } = prometheus(log.log);
    const host = await givenHost({ clock, rules });
    const { db, bus, client: flights } = host;
    const publisher = new FlightPublisher(db.write, db.dialect);
    await publisher.publish(planned);
    const accounts = await openAccounts({
      store: new SqlAccountStore(db),
      keys: await signingKeysIn(dirname(host.file)),
      clock,
      entropy,
      telemetry,
      hashesAtOnceMax: 2,
      hashesWaitingMax: 8,
      addressLimits,
      trustedProxies: readTrustedProxies(""),
      admin,
      hasher: quickArgon2id,
    });
    const seatMaps = new SeatMaps(flights);
    const streams = new LiveStreams(clock);
    const stages = new StageBoard(clock, bus, streams, telemetry);
    const waitingRooms = openRooms({
      store: options.roomStore ?? new MemoryRoomStore(),
      book: new RoomStateStore(db),
      beacon: noBeacon,
      key: new Uint8Array(32).fill(2),
      bus,
      flights,
      clock,
      entropy,
      telemetry,
      holder: host.incarnation,
    });
    await waitingRooms.start();
    const rooms = roomServices({ waitingRooms, streams, clock, addressLimits });
    const readiness = new Readiness(clock, checks);
    const airports = await loadAirports();
    const app = createApp({
      ...accounts,
      ...rooms,
      stages,
      logLevels: new LevelsOfNobody(),
      clock,
      entropy,
      telemetry,
      metrics,
      readiness,
      isHttps,
      bodyBytesMax,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      catalogue: new SqlCatalogueReader(db.read),
      airportOf: airports.find,
      waitingRoom: options.waitingRoom ?? rooms.waitingRoom,
      flights,
      reservations: new SqlReservationReader(db.read),
      admin: new SqlAdminReader(db.read),
      publisher,
      personOf: personHash(new Uint8Array(32)),
      seatMaps,
      seatFeeds: new SeatFeeds(bus, seatMaps, streams),
      desk: deskOf(options.sandbox?.provider ?? nowhere(clock), host, clock, telemetry),
      returnUrls: { publicUrl: "http://localhost:3000", allowLoopback: true },
    });
    return new GivenApp({ clock, host, readiness, log, app, accounts, waitingRooms }, async () => {
      streams.closeAll();
      stages.stop();
      await waitingRooms.stop();
      accounts.stop();
      await app.server?.stop(true);
      await host.stop();
    });
  }

  /** An answer of the app itself, without a network. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.app.handle(new Request(`http://localhost:3000${path}`, { headers }));
  }

  /** Serves on a free port of the loopback interface, as main.ts does. */
  listen(): Server<unknown> {
    this.app.listen(serverOptions({ host: "127.0.0.1", port: 0, requestTimeoutMs: REQUEST_TIMEOUT_MS }));
    return present(this.app.server, "it listens");
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** What is logged, of no log. */
class LevelsOfNobody implements LogLevels {
  settings: LogSettings = { level: "info", parts: {} };

  change(settings: LogSettings): void {
    this.settings = settings;
  }
}

function nowhere(clock: FakeClock): PaymentProvider {
  return sandboxProvider({
    baseUrl: "http://127.0.0.1:9",
    apiKey: "none",
    merchant: "none",
    webhookSecret: `whsec_${Buffer.alloc(32).toString("base64")}`,
    clock,
  });
}

function deskOf(
  provider: PaymentProvider,
  { db, client: flights }: GivenHost,
  clock: FakeClock,
  telemetry: Telemetry,
): PaymentDesk {
  const book = new PaymentStore(db);
  const settlement = new Settlement({ book, provider, flights, clock, entropy: systemEntropy(), telemetry });
  return new PaymentDesk({ provider, book, settlement, flights, telemetry, returnUrl: "http://localhost:3000/" });
}
