/**
 * Owns the composition: the only place where adapters are chosen. `bun main.ts` serves; `bun main.ts --help` names the other commands.
 * What is dear to load, and not for every role, is imported where it is needed: to start among processes that serve costs them time.
 */

import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { InProcessBus } from "./actors/bus/in-process.ts";
import { connectNats, NatsBus } from "./actors/bus/nats.ts";
import { flightClient } from "./actors/client.ts";
import { ClusterClock, keepTime } from "./actors/cluster-clock.ts";
import { numberForms } from "./actors/domain/number-forms.ts";
import { FlightHost } from "./actors/flight-host.ts";
import { hostIdOf } from "./actors/host-id.ts";
import { countingBus, meteredClient } from "./actors/metered-client.ts";
import { Numbers } from "./actors/numbers.ts";
import { type OwnedShards, ownShards } from "./actors/own-shards.ts";
import { rehearse } from "./actors/rehearsal.ts";
import { usedAs } from "./actors/settings.ts";
import { ofPart, type Telemetry } from "./actors/telemetry.ts";
import { originOf } from "./actors/web-origin.ts";
import { type Config, readConfig, settingsHelp } from "./config.ts";
import { givenSigningKeysOf, secretsOf } from "./db/secrets.ts";
import { ServerRunning } from "./db/sqlite/server-lock.ts";
import { openBeside, openStore } from "./db/store.ts";
import { workerLockOn } from "./db/stores/worker-lock.ts";
import { systemClock } from "./db/system-clock.ts";
import { systemEntropy } from "./db/system-entropy.ts";
import { openAccounts } from "./http/accounts/account-services.ts";
import { sharedAccounts } from "./http/accounts/shared-accounts.ts";
import { StageBoard } from "./http/admin/stage-board.ts";
import { LiveStreams } from "./http/live/live-streams.ts";
import { SeatFeeds } from "./http/live/seat-feeds.ts";
import { SeatMaps } from "./http/live/seat-maps.ts";
import { dependencyChecks } from "./http/ops/dependencies.ts";
import { DependencyWatch } from "./http/ops/dependency-watch.ts";
import { asInvoked, help } from "./http/ops/help.ts";
import { createOpsApp } from "./http/ops/ops-app.ts";
import { Readiness } from "./http/ops/readiness.ts";
import { welcome } from "./http/ops/welcome.ts";
import { personHash } from "./http/reservations/person.ts";
import { roomServices } from "./http/room/room-services.ts";
import { freePort, STOP_GRACE_MS, startServing } from "./http/serving.ts";
import { JsonLog } from "./http/telemetry/json-log.ts";
import { isMachineBusy } from "./http/telemetry/machine-load.ts";
import { measuring } from "./http/telemetry/measuring.ts";
import { openTraces } from "./http/telemetry/otel/open-traces.ts";
import { sharedLogLevels } from "./http/telemetry/shared-log-levels.ts";
import { assetsBuiltAhead } from "./http/web/assets/bundle.ts";
import { EMBEDDED } from "./http/web/assets/embedded.ts";
import { embeddedAssets } from "./http/web/assets/embedded-assets.ts";
import { version } from "./package.json";
import { LightDoctor } from "./queue/doctor/light-doctor.ts";
import { EventPublisher, eventsConsumer } from "./queue/events/event-publisher.ts";
import { JetStreamEvents } from "./queue/events/jetstream.ts";
import { LETTER_EVENTS } from "./queue/mail/letters.ts";
import { Postman } from "./queue/mail/postman.ts";
import { openPayments, type Payments } from "./queue/payments/open-payments.ts";
import { Reconciler } from "./queue/payments/reconciler.ts";
import { openBeacon } from "./queue/room/beacon/open-beacon.ts";
import { departuresConsumer } from "./queue/room/departures.ts";
import { MemoryRoomStore } from "./queue/room/memory/memory-room-store.ts";
import { openRooms, type WaitingRooms } from "./queue/room/open-rooms.ts";
import { RedisRoomStore } from "./queue/room/redis-room-store.ts";
import { roomKeyOf } from "./queue/room/room-key.ts";
import { Workers } from "./queue/workers.ts";

export interface Server {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Where the sandbox of payments listens; null when it doesn't run. */
  readonly sandboxUrl: string | null;
  /** Flights of the demo timetable that this start has made; null when there were flights. */
  readonly demoFlights: number | null;
  /** Answers what it has taken, takes nothing more, and gives the flights back. */
  stop(): Promise<void>;
}

/** What every role stands on. */
type Ground = Awaited<ReturnType<typeof layGround>>;

/** Starts the roles of the configuration in this process. @throws ServerRunning when another server has the database file */
export async function serve(given: Config): Promise<Server> {
  // Known before anything else, since mails, checkouts and the lock's holder name it.
  const config = given.port === 0 ? { ...given, port: usedAs("HOST", () => freePort(given.host)) } : given;
  const { role } = config;
  const ground = await layGround(config);
  const { store, clock } = ground;
  const isWorking = role === "all" || role === "workers";
  const demoFlights = isWorking
    ? await (await import("./db/catalogue/open-demo.ts")).openDemo(store.db, clock.nowMs())
    : null;

  const rooms = waitingRooms(ground);
  const money = payments(ground, rooms);
  const actors = role === "all" || role === "actors" ? await startActors(ground) : null;
  const workers = isWorking ? await startWorkers(ground, money, rooms) : null;
  const edge = role === "all" || role === "edge" ? await makeEdge(ground, money, rooms) : null;

  // The gate must know its rooms before anybody comes to it.
  if (role !== "actors") await rooms.start();
  const readiness = new Readiness(clock, [
    ...dependencyChecks({ ...ground, isNats: config.nats !== null, asksHosts: role === "edge" }),
    ...(actors === null ? [] : [{ name: "shards", check: async () => actors.trouble() }]),
    ...(edge === null ? [] : [{ name: "rooms", check: async () => rooms.trouble() }]),
  ]);
  const watch = new DependencyWatch(clock, ground.telemetry, readiness);
  watch.start();
  // A sandbox is heard where it runs: it need not know the address of an edge.
  const hearing = edge === null && money.sandboxUrl !== null ? { desk: money.desk } : {};
  const app =
    edge?.appWith(readiness) ??
    createOpsApp({ ...ofPart(ground, "http"), ...edgeSettings(ground), ...hearing, readiness });
  const serving = usedAs("HOST or PORT", () => startServing(app, config));
  money.deliverTo(serving.url);
  ground.telemetry.log.info({ url: serving.url }, "serving");
  return {
    url: serving.url,
    sandboxUrl: money.sandboxUrl,
    demoFlights,
    async stop() {
      readiness.stop();
      watch.stop();
      edge?.sayGoodbye();
      // Those who pass clients on to this edge learn that it goes, and clients leave its connections, before it takes nobody new.
      if (edge !== null) await Bun.sleep(config.drainMs);
      // Nothing new comes in; what was taken is answered before the flights are given back. Whoever follows the journal goes on from
      // where it was at the next start: none of them may keep the server, whatever it waits for.
      await Promise.race([Promise.all([serving.drain(), workers?.stop()]), Bun.sleep(STOP_GRACE_MS)]);
      await actors?.stop();
      await serving.close();
      await rooms.stop();
      await money.stop();
      await edge?.stop();
      await ground.close();
      ground.telemetry.log.info({}, "stopped");
    },
  };
}

async function layGround(config: Config) {
  usedAs("DATA_DIR", () => mkdirSync(config.dataDir, { recursive: true }));
  const machine = systemClock();
  const entropy = systemEntropy();
  const { role, limits } = config;
  const about = { role, host: nameOf(config) };
  const log = new JsonLog(config.logLevel, { about });
  const measured = measuring({ ...about, version, log, clock: machine, entropy, limits });
  const { metrics, loadRuns, report } = measured;
  const opened = await openTraces(config.traces, { clock: machine, entropy, telemetry: measured.telemetry });
  const telemetry: Telemetry = { ...measured.telemetry, traces: opened.traces };
  const origin = originOf(config.host, config.port);
  const who = `process ${process.pid} on ${hostname()}, at ${origin}`;
  const store = await openStore(config.database, who, config.techniques);
  const { shards } = store;
  const clock =
    shards.kind === "cluster" ? await ClusterClock.set(machine, telemetry, () => shards.store.nowMs()) : machine;
  const ports = { clock, entropy, telemetry };
  const secrets = await secretsOf(store.db, config.secrets, config.dataDir, entropy);
  const { nats, redis: redisAddress } = config;
  const bus =
    nats === null
      ? new InProcessBus()
      : await connectNats({ ...nats, ...ofPart(ports, "bus"), caller: role, name: about.host });
  // Flights have nothing in Redis: their hosts go on without it.
  const redis =
    redisAddress === null || role === "actors"
      ? null
      : await (await import("./queue/redis/redis.ts")).openRedis(redisAddress.url, {
          tlsCaFile: redisAddress.ca,
          ...ofPart(ports, "redis"),
        });
  // Within one process no request and no answer is lost on the way: one attempt lasts as long as the request.
  const client = flightClient(countingBus(bus, telemetry), clock, entropy, {
    deadlineMs: config.requestTimeoutMs,
    ...(nats === null ? { attemptMs: config.requestTimeoutMs } : { gathers: config.techniques.gathersByTick }),
  });
  const stopReports = report(bus, () => store.db.figures());
  const stopTime =
    clock instanceof ClusterClock && shards.kind === "cluster" ? keepTime(clock, () => shards.store.nowMs()) : () => {};
  return {
    ...ports,
    config,
    metrics,
    loadRuns,
    logLevels: sharedLogLevels(log, bus, entropy.uuid()),
    store,
    secrets,
    bus,
    /** Null: this process shares waiting rooms, limits and revocations with no other. */
    redis,
    flights: meteredClient(client, clock, telemetry),
    publicUrl: config.publicUrl ?? origin,
    async close() {
      stopTime();
      stopReports();
      redis?.close();
      await bus.close();
      await store.close();
      await opened.stop();
    },
  };
}

/** The flights of this process, or of its share. */
async function startActors(ground: Ground): Promise<OwnedShards> {
  const { config, clock, entropy, store, secrets, bus } = ground;
  const { telemetry } = ofPart(ground, "flights");
  const { shards, journal } = store;
  const forms = numberForms(secrets.numberKey, config.airlineCode);
  const numbers = new Numbers(store.numbers, forms, entropy, telemetry.log);
  const ports = { clock, entropy, telemetry, bus, journal, numbers };
  // Where others serve the flights meanwhile.
  if (config.nats !== null) await rehearse({ journal, clock, entropy });
  return ownShards({
    ...ofPart(ground, "shards"),
    shards,
    hostId: nameOf(config),
    weight: config.hostWeight,
    isAlone: config.nats === null,
    makeHost: (incarnation) => new FlightHost(ports, config.rules, config.limits, incarnation),
  });
}

function payments(ground: Ground, { gate }: WaitingRooms): Payments {
  const { config, secrets, store, publicUrl } = ground;
  return openPayments({
    ...ofPart(ground, "payments"),
    book: store.payments,
    isSaleClosed: (flightId) => gate.state(flightId) === "closed",
    apiKey: secrets.paymentApiKey,
    webhookSecret: secrets.paymentWebhookSecret,
    returnUrl: `${publicUrl}/`,
    url: config.paymentUrl,
    sandbox:
      config.sandbox === null
        ? null
        : { host: config.host, port: config.sandbox.port, file: join(config.dataDir, "sandbox.sqlite") },
  });
}

function waitingRooms(ground: Ground): WaitingRooms {
  const { config, redis, store, secrets, clock } = ground;
  const part = ofPart(ground, "room");
  return openRooms({
    ...part,
    store: redis === null ? new MemoryRoomStore() : new RedisRoomStore(redis),
    book: store.rooms,
    beacon: openBeacon({ ...config.beacon, clock, log: part.telemetry.log }),
    key: config.roomKey ?? roomKeyOf(secrets.numberKey),
    holder: `${nameOf(config)} ${process.pid}`,
  });
}

function nameOf({ hostId, port }: Config): string {
  return hostId ?? hostIdOf(hostname(), port);
}

/** What follows the journal: money, mail, and who has left a waiting room. */
async function startWorkers(ground: Ground, { settlement }: Payments, { departures }: WaitingRooms) {
  const { config, bus, store, clock, entropy, publicUrl } = ground;
  const { telemetry } = ofPart(ground, "journal");
  const mailer = (await import("./queue/mail/open-mailer.ts")).openMailer(config, clock);
  const postman = new Postman({ mailer, directory: store.mail, domain: new URL(publicUrl).hostname, telemetry });
  const ports = { clock, entropy, telemetry };
  const nats = bus instanceof NatsBus && config.publishesEvents ? await bus.apart("events", telemetry) : null;
  const events = nats === null ? null : new EventPublisher({ ...ports, stream: new JetStreamEvents({ nats, clock }) });
  const workers = new Workers({
    bus,
    lock: workerLockOn(store.db, clock),
    reconciler: new Reconciler({ ...ofPart(ground, "payments"), book: store.payments, settlement }),
    consumers: [
      { consumer: "mail", interests: LETTER_EVENTS, handle: (flightId, entry) => postman.deliver(flightId, entry) },
      departuresConsumer(departures),
      ...(events === null ? [] : [eventsConsumer(events)]),
    ],
    others: [new LightDoctor({ checkups: store.checkups, tail: store.tail, clock, telemetry, isBusy: isMachineBusy })],
    tail: store.tail,
    ...ports,
  });
  workers.start();
  return {
    async stop() {
      await workers.stop();
      mailer.close();
    },
  };
}

function edgeSettings({ config, publicUrl }: Ground) {
  return {
    isHttps: publicUrl.startsWith("https:"),
    bodyBytesMax: config.bodyBytesMax,
    requestTimeoutMs: config.requestTimeoutMs,
  };
}

async function makeEdge(whole: Ground, { desk }: Payments, rooms: WaitingRooms) {
  const { createApp } = await import("./http/app.ts");
  const { loadAirports } = await import("./db/catalogue/airports.ts");
  const ground = ofPart(whole, "http");
  const { config, clock, telemetry, store, secrets, bus, redis, flights, publicUrl } = ground;
  const shared = redis === null ? null : await sharedAccounts(redis, store.accounts, clock, telemetry);
  const accounts = await openAccounts({
    ...ofPart(ground, "accounts"),
    store: store.accounts,
    keys: await givenSigningKeysOf(config.secrets.tokenSigningKey, store.db, config.dataDir),
    hashesAtOnceMax: config.loginHashesMax,
    hashesWaitingMax: config.loginLineMax,
    addressLimits: config.addressLimits,
    trustedProxies: config.trustedProxies,
    verifiedTokensMax: config.verifiedTokensMax,
    admin: config.admin,
    ...shared,
  });
  const seatMaps = new SeatMaps(flights, config.techniques);
  const streams = new LiveStreams(clock);
  telemetry.gauge("pigonair_streams_open", "Streams of events that clients listen to.", () => streams.size);
  const stages = new StageBoard(clock, bus, streams, telemetry);
  const { reservations, admin, catalogue, publisher } = store;
  const services = {
    ...ground,
    ...accounts,
    ...edgeSettings(ground),
    ...roomServices({ waitingRooms: rooms, streams, clock, addressLimits: config.addressLimits }),
    catalogue,
    airportOf: (await loadAirports()).find,
    reservations,
    admin,
    stages,
    publisher,
    pageAssets: embeddedAssets(EMBEDDED) ?? assetsBuiltAhead(telemetry.log),
    personOf: personHash(secrets.personKey),
    seatMaps,
    seatFeeds: new SeatFeeds(bus, seatMaps, streams),
    desk,
    returnUrls: { publicUrl, allowLoopback: !config.isProduction },
  };
  return {
    appWith: (readiness: Readiness) => createApp({ ...services, readiness }),
    sayGoodbye: () => streams.closeAll(),
    async stop() {
      accounts.stop();
      stages.stop();
      shared?.stop();
    },
  };
}

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === "verify-draw") {
    const ports = { clock: systemClock(), out: print, err: printError };
    return await (await import("./queue/room/draw/verify-draw.ts")).runVerifyDraw(rest, ports);
  }
  if (command === "help" || args.includes("--help")) {
    print(help(settingsHelp()));
    return 0;
  }
  const reading = readConfig(process.env);
  if (!reading.ok) {
    for (const { setting, problem } of reading.errors) printError(`${setting} ${problem}`);
    return 2;
  }
  const { config } = reading;
  switch (command) {
    case undefined:
      return await serveUntilStopped(config);
    case "import": {
      const openDatabase = () => openBeside(config.database);
      const { runImport } = await import("./db/ssim/import.ts");
      return await runImport(rest, { openDatabase, clock: systemClock(), out: print, err: printError });
    }
    case "health":
      return await (await import("./http/ops/ask-health.ts")).askHealth(rest, { ...config, print, printError });
    case "doctor": {
      if (rest.some((flag) => flag !== "--rebuild")) break;
      const { runDoctorOn } = await import("./db/doctor/doctor.ts");
      return await runDoctorOn({ database: config.database, rebuild: rest.length > 0, print, printError });
    }
  }
  printError(`There is no command "${args.join(" ")}". bun main.ts --help names all.`);
  return 2;
}

async function serveUntilStopped(config: Config): Promise<number> {
  const told = new Promise<void>((resolve) => {
    // Before the start, in which a host comes to own flights. Not once: a script runner passes on the Ctrl-C that the terminal has told of.
    for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, resolve);
  });
  const tooLate = told.then(async () => {
    await Bun.sleep(STOP_GRACE_MS);
    throw new Error("it was told to stop meanwhile");
  });
  let server: Server;
  try {
    server = await Promise.race([serve(config), tooLate]);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    printError(cause instanceof ServerRunning ? cause.message : `PigonAir did not start: ${cause.message}`);
    return 1;
  }
  if (!config.isProduction) print(welcome({ ...config, ...server, hasOperator: config.admin !== null }));
  await told;
  await server.stop();
  return 0;
}

function print(line: string): void {
  process.stdout.write(`${asInvoked(line)}\n`);
}

function printError(line: string): void {
  process.stderr.write(`${asInvoked(line)}\n`);
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
