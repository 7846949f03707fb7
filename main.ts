/** Owns the composition: the only place where adapters are chosen. `bun main.ts` serves; `bun main.ts --help` names the other commands. */

import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { InProcessBus } from "./actors/bus/in-process.ts";
import { flightClient } from "./actors/client.ts";
import { numberForms } from "./actors/domain/number-forms.ts";
import { FlightHost } from "./actors/flight-host.ts";
import { hostGauges } from "./actors/host-gauges.ts";
import { Numbers } from "./actors/numbers.ts";
import { type Config, readConfig, settingsHelp } from "./config.ts";
import { loadAirports } from "./db/catalogue/airports.ts";
import { openDemo } from "./db/catalogue/open-demo.ts";
import { runDoctor } from "./db/doctor/doctor.ts";
import { type OpenDatabase, openSqlite } from "./db/open.ts";
import { SqlAdminReader } from "./db/read/admin.ts";
import { SqlCatalogueReader } from "./db/read/catalogue.ts";
import { SqlReservationReader } from "./db/read/reservations.ts";
import { openSecrets } from "./db/secrets.ts";
import { ServerRunning, takeServerLock } from "./db/sqlite/server-lock.ts";
import { runImport } from "./db/ssim/import.ts";
import { SqlAccountStore } from "./db/stores/accounts.ts";
import { FlightPublisher } from "./db/stores/flight-publisher.ts";
import { JournalTailStore } from "./db/stores/journal-tail.ts";
import { MailDirectoryStore } from "./db/stores/mail-directory.ts";
import { numberBlocks } from "./db/stores/number-blocks.ts";
import { PaymentStore } from "./db/stores/payments.ts";
import { SqliteJournal } from "./db/stores/sqlite-journal.ts";
import { sqliteShards } from "./db/stores/sqlite-shards.ts";
import { systemClock } from "./db/system-clock.ts";
import { systemEntropy } from "./db/system-entropy.ts";
import { openAccounts } from "./http/accounts/account-services.ts";
import { readSigningKeys, signingKeysIn } from "./http/accounts/signing-keys.ts";
import { createApp } from "./http/app.ts";
import { LiveStreams } from "./http/live/live-streams.ts";
import { SeatFeeds } from "./http/live/seat-feeds.ts";
import { SeatMaps } from "./http/live/seat-maps.ts";
import { Readiness } from "./http/ops/readiness.ts";
import { personHash } from "./http/reservations/person.ts";
import { serverOptions } from "./http/server-options.ts";
import { jsonLog } from "./http/telemetry/json-log.ts";
import { prometheus } from "./http/telemetry/prometheus.ts";
import { fileMailer } from "./queue/mail/file-mailer.ts";
import { LETTER_EVENTS } from "./queue/mail/letters.ts";
import { Postman } from "./queue/mail/postman.ts";
import { smtpMailer } from "./queue/mail/smtp-mailer.ts";
import { PaymentDesk } from "./queue/payments/payment-desk.ts";
import { Reconciler } from "./queue/payments/reconciler.ts";
import { sandboxProvider } from "./queue/payments/sandbox/adapter.ts";
import { SANDBOX_WEBHOOK_PATH, startSandbox } from "./queue/payments/sandbox/server.ts";
import { Settlement } from "./queue/payments/settlement.ts";
import { Relay } from "./queue/relay/relay.ts";
import { noWaitingRoom } from "./queue/room/waiting-room.ts";

const MERCHANT = "pigonair";

/** How long requests that were taken may go on after a stop was asked for, in milliseconds. */
const STOP_GRACE_MS = 5_000;

/** How often a stopping server looks whether it has answered all, in milliseconds. */
const STOP_LOOK_MS = 5;

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

/** Starts everything in this process, on the database file of the configuration. @throws ServerRunning when another server has it */
export async function serve(given: Config): Promise<Server> {
  // Known before anything else, since mails, checkouts and the lock's holder name it.
  const config = given.port === 0 ? { ...given, port: freePort(given.host) } : given;
  const clock = systemClock();
  const entropy = systemEntropy();
  const log = jsonLog(config.logLevel);
  const { telemetry, metrics } = prometheus(log);
  const ports = { clock, entropy, telemetry };

  mkdirSync(config.dataDir, { recursive: true });
  const databaseFile = fileOf(config);
  mkdirSync(dirname(databaseFile), { recursive: true });
  const who = `process ${process.pid} on ${hostname()}, at http://${config.host}:${config.port}`;
  const lock = takeServerLock(databaseFile, who);
  const db = await openSqlite(databaseFile);
  const demoFlights = await openDemo(db, clock.nowMs());
  const secrets = await openSecrets(config.secrets, config.dataDir, entropy);

  // The flights, and the way to ask them.
  const incarnation = entropy.uuid();
  const shards = sqliteShards(db.write);
  const ownership = await shards.claimAll(incarnation, hostname(), clock.nowMs());
  const bus = new InProcessBus();
  const numbers = new Numbers(numberBlocks(db.write), numberForms(secrets.numberKey, config.airlineCode), entropy, log);
  const journal = new SqliteJournal(db.writer, db.read, db.write);
  const host = new FlightHost(
    {
      ...ports,
      bus,
      journal,
      numbers,
      changed(flightId, { entry, projection }) {
        relay.hear(flightId, entry);
        if (projection.payments.update.length > 0) reconciler.wake();
      },
    },
    config.rules,
    config.limits,
    incarnation,
  );
  hostGauges(telemetry, () => host);
  // Within one process no request and no answer is lost on the way: one attempt lasts as long as the request.
  const flights = flightClient(bus, clock, entropy, {
    deadlineMs: config.requestTimeoutMs,
    attemptMs: config.requestTimeoutMs,
  });

  // What follows the journal: money and mail.
  const sandbox =
    config.sandbox === null
      ? null
      : startSandbox({
          host: config.host,
          port: config.sandbox.port,
          file: join(config.dataDir, "sandbox.sqlite"),
          apiKey: secrets.paymentApiKey,
          webhookSecret: secrets.paymentWebhookSecret,
          merchant: MERCHANT,
          ...ports,
          log,
        });
  const provider = sandboxProvider({
    baseUrl: config.paymentUrl ?? sandbox?.url ?? "",
    apiKey: secrets.paymentApiKey,
    merchant: MERCHANT,
    webhookSecret: secrets.paymentWebhookSecret,
    clock,
  });
  const book = new PaymentStore(db);
  const settlement = new Settlement({ ...ports, book, provider, flights });
  const reconciler = new Reconciler({ ...ports, book, settlement });
  const mail = { from: config.mailFrom, clock };
  const mailer =
    config.smtpUrl === null
      ? fileMailer({ ...mail, folder: join(config.dataDir, "mail") })
      : smtpMailer({ ...mail, url: config.smtpUrl });
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const postman = new Postman({
    mailer,
    directory: new MailDirectoryStore(db),
    domain: new URL(publicUrl).hostname,
    telemetry,
  });
  const relay = new Relay({
    ...ports,
    consumer: "mail",
    interests: LETTER_EVENTS,
    handle: (flightId, entry) => postman.deliver(flightId, entry),
    tail: new JournalTailStore(db),
  });

  // The edge.
  const accounts = await openAccounts({
    ...ports,
    store: new SqlAccountStore(db),
    keys: await signingKeys(config),
    hashesAtOnceMax: config.loginHashesMax,
    hashesWaitingMax: config.loginLineMax,
    addressLimits: config.addressLimits,
    trustedProxies: config.trustedProxies,
    admin: config.admin,
  });
  const readiness = new Readiness(clock, [{ name: "database", check: () => isWritable(db) }]);
  const seatMaps = new SeatMaps(flights);
  const streams = new LiveStreams(clock);
  telemetry.gauge("pigonair_streams_open", "Streams of events that clients listen to.", () => streams.size);
  const airports = await loadAirports();
  const app = createApp({
    ...ports,
    ...accounts,
    isHttps: publicUrl.startsWith("https:"),
    bodyBytesMax: config.bodyBytesMax,
    requestTimeoutMs: config.requestTimeoutMs,
    readiness,
    metrics,
    flights,
    catalogue: new SqlCatalogueReader(db.read),
    airportOf: airports.find,
    reservations: new SqlReservationReader(db.read),
    admin: new SqlAdminReader(db.read),
    publisher: new FlightPublisher(db.write, "sqlite"),
    waitingRoom: noWaitingRoom,
    personOf: personHash(secrets.personKey),
    seatMaps,
    seatFeeds: new SeatFeeds(bus, seatMaps, streams),
    desk: new PaymentDesk({ book, provider, settlement, flights, telemetry, returnUrl: `${publicUrl}/` }),
    returnUrls: { publicUrl, allowLoopback: !config.isProduction },
  });

  await host.take(ownership);
  app.listen(serverOptions(config));
  const server = app.server;
  if (server === null) throw new Error("the edge does not listen");
  const url = `http://${config.host}:${server.port}`;
  sandbox?.deliverTo(url + SANDBOX_WEBHOOK_PATH);
  reconciler.start();
  relay.start();
  log.info({ url, incarnation, shards: ownership.size }, "serving");

  return {
    url,
    sandboxUrl: sandbox?.url ?? null,
    demoFlights,
    async stop() {
      readiness.stop();
      streams.closeAll();
      // Nothing new comes in; what was taken is answered before the flights are given back. Whoever follows the journal goes on from
      // where it was at the next start: none of them may keep the server, whatever it waits for.
      const closed = server.stop();
      const ended = Promise.all([answered(server), relay.stop(), reconciler.stop()]);
      await Promise.race([ended, Bun.sleep(STOP_GRACE_MS)]);
      mailer.close();
      await host.stop();
      await server.stop(true);
      await closed;
      await sandbox?.stop();
      accounts.stop();
      await shards.releaseAll(incarnation);
      await db.close();
      lock.release();
      log.info({ incarnation }, "stopped");
    },
  };
}

function fileOf({ database }: Config): string {
  if (database.kind === "mysql") throw new Error("DATABASE_URL: mysql:// can't be served yet");
  return database.file;
}

/** A port that nobody listens at now. */
function freePort(hostname: string): number {
  const listener = Bun.listen({ hostname, port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

/** Not Bun's own promise, which waits as well for those who have sent half a request and may never send the rest [1.4.5]. */
async function answered(server: { readonly pendingRequests: number }): Promise<void> {
  for (let looks = 0; server.pendingRequests > 0 && looks < STOP_GRACE_MS / STOP_LOOK_MS; looks++) {
    await Bun.sleep(STOP_LOOK_MS);
  }
}

async function signingKeys({ dataDir, secrets }: Config) {
  if (secrets.tokenSigningKey === null) return signingKeysIn(dataDir);
  try {
    return await readSigningKeys(secrets.tokenSigningKey);
  } catch (cause) {
    throw new Error(`TOKEN_SIGNING_KEY can't be used: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** What is wrong with the database, or null: asked by a transaction that could write. */
async function isWritable({ write }: OpenDatabase): Promise<string | null> {
  await write
    .transaction()
    .execute((transaction) => transaction.selectFrom("shards").select("shard").limit(1).execute());
  return null;
}

const HELP = `PigonAir: ticketing for the minute when everybody comes at once.

  bun main.ts                                  serve
  bun main.ts import FILE.ssim [--start DATE]  add the flights of an IATA SSIM timetable; a server may run meanwhile
  bun main.ts doctor [--rebuild]               compare everything with the journals; make the projections anew
  bun main.ts --help                           this

Settings, from the environment:
${settingsHelp()}`;

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === "--help" || command === "help") {
    print(HELP);
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
      const openDatabase = () => {
        mkdirSync(dirname(fileOf(config)), { recursive: true });
        return openSqlite(fileOf(config));
      };
      return await runImport(rest, { openDatabase, clock: systemClock(), out: print, err: printError });
    }
    case "doctor":
      if (rest.some((flag) => flag !== "--rebuild")) break;
      return await runDoctor({ file: fileOf(config), rebuild: rest.length > 0, print, printError });
  }
  printError(`There is no command "${args.join(" ")}". bun main.ts --help names all.`);
  return 2;
}

async function serveUntilStopped(config: Config): Promise<number> {
  let server: Server;
  try {
    server = await serve(config);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    printError(cause instanceof ServerRunning ? cause.message : `PigonAir did not start: ${cause.message}`);
    return 1;
  }
  print(welcome(server, config));
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await server.stop();
  return 0;
}

function welcome({ url, sandboxUrl, demoFlights }: Server, { admin, dataDir }: Config): string {
  const lines = [
    `PigonAir serves at ${url}`,
    `  API and its page   ${url}/openapi`,
    ...(sandboxUrl === null ? [] : [`  payments sandbox   ${sandboxUrl}`]),
    `  data               ${dataDir}`,
    ...(admin === null
      ? ["  operator           none: set ADMIN_EMAIL and ADMIN_PASSWORD"]
      : [`  operator           ${admin.email}`]),
  ];
  if (demoFlights !== null)
    lines.push(`The catalogue was empty: ${demoFlights} demo flights of the next 30 days were added.`);
  lines.push(`Try: curl '${url}/api/v1/flights?origin=ICN&size=3'`);
  return lines.join("\n");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
