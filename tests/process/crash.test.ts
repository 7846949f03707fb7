/** Goal: killed at any moment under load and started again, the server has all that it acknowledged, nothing twice, and gives the same answers. */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import { systemClock } from "../../db/system-clock.ts";
import { seededRandom } from "../../deploy/seeded-random.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { sandboxProvider } from "../../queue/payments/sandbox/adapter.ts";
import { GivenProgram, type Settings } from "../support/given-program.ts";
import { readMessage } from "../support/read-message.ts";
import { until } from "../support/until.ts";
import { type Asked, type Choice, CrashLoad } from "./crash-load.ts";
import { Member } from "./member.ts";
import { OwnSandbox } from "./own-sandbox.ts";
import { impliedClaims, readStored, type Stored } from "./stored.ts";
import { importFlights } from "./timetable.ts";

/** Everything is killed and started several times, on a machine that may have other things to do. */
const TEST_MS_MAX = 180_000;

setDefaultTimeout(TEST_MS_MAX);

/** What ran out while nobody lived is free this soon after the start. */
const FREED_MS_MAX = 1_000;

/** Money has come to its end this long after the last start: a refund that could not be made is tried again some seconds later. */
const SETTLED_MS_MAX = 40_000;

const MEMBERS = 6;
const SEATS = 48;
const ASKED_AT_ONCE = 32;

/** Another one in each run; `SEED=… bun test tests/process/crash.test.ts` takes a given one. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));

const SETTINGS: Settings = {
  HOLD_TTL_MS: "1500",
  PAYMENT_TTL_MS: "1200",
  SEATS_PER_MEMBER: "999",
  KEYS_PER_MEMBER: "100000",
};

const programs: GivenProgram[] = [];
const sandboxes: OwnSandbox[] = [];

afterEach(async () => {
  for (const sandbox of sandboxes.splice(0)) await sandbox.stop();
  for (const program of programs.splice(0)) await program.remove();
});

class Crashes {
  readonly program: GivenProgram;
  readonly load: CrashLoad;
  readonly random: () => number;
  readonly #start: () => Promise<void>;

  constructor(program: GivenProgram, load: CrashLoad, random: () => number, start: () => Promise<void>) {
    this.program = program;
    this.load = load;
    this.random = random;
    this.#start = start;
  }

  static async begin(choices: readonly Choice[], program: GivenProgram, start: () => Promise<void>): Promise<Crashes> {
    const flightIds = await importFlights(program, [1, 2], SEATS);
    await start();
    const members = await Member.signUpMany(program, MEMBERS);
    const random = seededRandom(SEED);
    return new Crashes(program, new CrashLoad({ program, members, flightIds, choices, random }), random, start);
  }

  /** Load, a kill or a stop at some moment of it, and a start, after which all must be as it was told. */
  async round(number: number): Promise<void> {
    const { load, program } = this;
    load.forgetAsked();
    const enough = load.answers + 20 + Math.floor(this.random() * 380);
    const running = load.run();
    await until(() => load.answers >= enough, "the load", TEST_MS_MAX);
    // A stop leaves snapshots behind, so that the next starts begin with them.
    if (number % 3 === 2) expect((await program.server.stop()).exitCode).toBe(0);
    else await program.server.kill();
    await running;
    expect(program.server.errors).toEqual([]);
    expect(load.unexpected).toEqual([]);
    await this.#isWellWhileDown();

    // In some rounds holds run out while nobody lives, in others the next one dies as soon as it has said its address.
    const [firstEndMs = 0] = this.#holdEnds();
    if (number % 2 === 0) await until(() => Date.now() > firstEndMs, "the end of a hold");
    if (number % 3 === 0) {
      await this.#start();
      await program.server.kill();
    }
    await this.#start();
    await this.#freesWhatRanOut();
    await this.#givesTheSameAnswers();
    this.#hasAllOnce();
  }

  async #isWellWhileDown(): Promise<void> {
    const { exitCode, out } = await this.program.doctor();
    expect([exitCode, out]).toEqual([0, expect.stringContaining("Clean: 2 flights")]);
  }

  /** When the holds end that the tables know of, the earliest first. */
  #holdEnds(): number[] {
    const { reservations } = readStored(this.program.database);
    const held = [...reservations.values()].filter(({ status }) => status === "HELD");
    return held.map(({ expiresAtMs }) => expiresAtMs).sort((a, b) => a - b);
  }

  async #freesWhatRanOut(): Promise<void> {
    const { saidAddressMs } = this.program.server;
    const atMs = Date.now() - (performance.now() - saidAddressMs);
    await until(() => this.#holdEnds().every((endMs) => endMs > atMs), "the end of the holds that ran out");
    expect(performance.now() - saidAddressMs).toBeLessThan(FREED_MS_MAX);
  }

  async #givesTheSameAnswers(): Promise<void> {
    const { load } = this;
    const asked = [...load.asked];
    const askNext = async (): Promise<void> => {
      for (let next = asked.pop(); next !== undefined; next = asked.pop()) await this.#askAgain(next);
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, askNext));
    expect(load.unexpected).toEqual([]);
  }

  /** What was never answered gets an answer now, which is then as final as any. */
  async #askAgain(asked: Asked): Promise<void> {
    const told = asked.answer ?? present(await this.load.ask(asked), "the server is there");
    const again = present(await this.load.ask(asked), "the server is there");
    const isReplay = again.headers.get("idempotency-replayed") === "true";
    expect([asked.path, again.status, again.text, isReplay]).toEqual([asked.path, told.status, told.text, true]);
  }

  /** The reservations are those that were answered; no seat has two. */
  #hasAllOnce(): void {
    const stored = readStored(this.program.database);
    expect(stored.claims).toEqual(impliedClaims(stored));
    expect(new Set(stored.reservations.keys())).toEqual(new Set(this.load.acknowledged.keys()));
    for (const [id, { held, endedAs }] of this.load.acknowledged) {
      const { flightId, pnr, seats, status } = present(stored.reservations.get(id), "an acknowledged reservation");
      expect([flightId, pnr, seats]).toEqual([held.flightId, held.pnr, held.passengers.map(({ seat }) => seat)]);
      if (endedAs !== null) expect([id, status]).toEqual([id, endedAs]);
    }
  }

  /** Waits until holds and payments have come to their ends, and looks at what the provider says of each. */
  async settles(provider: PaymentProvider): Promise<void> {
    let open: readonly string[] = ["all"];
    const isSettled = async (): Promise<boolean> => {
      open = await this.#unsettled(provider);
      return open.length === 0;
    };
    try {
      await until(isSettled, "the end of all payments", SETTLED_MS_MAX);
    } catch (error) {
      throw new Error(`not settled: ${open.slice(0, 5).join("; ")}`, { cause: error });
    }
    const stored = readStored(this.program.database);
    for (const { id, status } of stored.reservations.values()) {
      const paid = stored.attempts.filter((each) => each.reservationId === id && each.status === "CAPTURED");
      expect([id, paid.length]).toEqual([id, status === "TICKETED" ? 1 : 0]);
    }
    await this.#isMailed(stored);
    this.#hasAllOnce();
    expect(this.program.server.errors).toEqual([]);
    expect(await this.program.server.stop()).toMatchObject({ exitCode: 0 });
    await this.#isWellWhileDown();
  }

  async #unsettled(provider: PaymentProvider): Promise<string[]> {
    const { reservations, attempts } = readStored(this.program.database);
    const open = [...reservations.values()]
      .filter(({ status }) => status === "HELD" || status === "PAYING" || status === "CANCELLING")
      .map(({ id, status }) => `reservation ${id} is ${status}`);
    for (const { id, status } of attempts) {
      if (open.length > 0) break;
      const truth = await provider.fetch(id);
      const choice = this.load.choices.get(id);
      const isBack = truth !== null && truth.refundedAmount > 0;
      const due = truth?.status === "CAPTURED" ? (isBack ? "REFUNDED" : "CAPTURED") : truth?.status;
      const isFinal = choice === undefined || (truth?.status === "FAILED") === (choice.outcome === "decline");
      if (due !== status || !isFinal || (choice !== undefined && truth?.status === "CANCELLED"))
        open.push(`attempt ${id} is ${status} here, ${due} there, after ${choice?.outcome} ${choice?.webhook}`);
    }
    return open;
  }

  /** Each reservation that was ever ticketed has one mail of its tickets, and no other has any. */
  async #isMailed({ reservations, ticketed }: Stored): Promise<void> {
    const folder = join(this.program.dataDir, "mail");
    const mails = () => readdirSync(folder).filter((name) => /\.ticket@.*\.eml$/.test(name));
    await until(() => mails().length >= ticketed.size, "the mails of all tickets");
    const messages = mails().map((name) => readMessage(readFileSync(join(folder, name), "utf8")));
    expect(new Set(messages.map(({ headers }) => headers.get("message-id"))).size).toBe(messages.length);
    const subjects = messages.map(({ headers }) => headers.get("subject") ?? "");
    for (const { id, pnr } of reservations.values()) {
      const own = subjects.filter((subject) => subject.endsWith(`(${pnr})`));
      expect([pnr, own.length]).toEqual([pnr, ticketed.has(id) ? 1 : 0]);
    }
  }
}

test("holds that ran out while no server lived end within a second of the start, though nobody asks for their flight", async () => {
  const program = new GivenProgram({ ...SETTINGS, HOLD_TTL_MS: "1000" });
  programs.push(program);
  const flightIds = await importFlights(program, [1, 2, 3], SEATS);
  await program.start();
  const member = await Member.signUp(program);
  const held = await Promise.all(flightIds.map((flightId) => member.hold(flightId, ["1A", "1B"])));
  expect(held.map(({ status }) => status)).toEqual([201, 201, 201]);
  await program.server.kill();
  expect(readStored(program.database).claims.size).toBe(6);
  await until(() => held.every(({ body }) => Date.parse(body.expiresAt) < Date.now()), "the end of the holds");
  const { saidAddressMs } = await program.start();
  await until(() => readStored(program.database).claims.size === 0, "free seats");
  expect(performance.now() - saidAddressMs).toBeLessThan(FREED_MS_MAX);
  for (const { body } of held) expect((await member.reservation(body.id)).body.status).toBe("EXPIRED");
});

test(`kill -9 under load with a provider that goes on: four rounds (SEED=${SEED})`, async () => {
  const program = new GivenProgram(SETTINGS);
  programs.push(program);
  const delays = { lateCaptureMs: 300, lateWebhookMs: 300, silenceMs: 700, webhookTimeoutMs: 1_000 };
  const sandbox = new OwnSandbox(program.folder, delays);
  sandboxes.push(sandbox);
  const choices: Choice[] = (["approve", "decline", "charge-then-timeout"] as const).flatMap((outcome) =>
    (["once", "twice", "late", "none", "reversed"] as const).map((webhook) => ({ outcome, webhook })),
  );
  // Without a webhook late money is looked for only after a minute.
  for (const webhook of ["once", "twice", "late", "reversed"] as const)
    choices.push({ outcome: "approve-late", webhook });
  const crashes = await Crashes.begin(choices, program, async () => {
    const { url } = await program.start(sandbox.settings);
    sandbox.tell(url);
  });
  for (let round = 1; round <= 4; round++) await crashes.round(round);
  await crashes.settles(sandbox.provider);
});

test(`kill -9 under load together with the provider beside: two rounds (SEED=${SEED})`, async () => {
  const program = new GivenProgram(SETTINGS);
  programs.push(program);
  const choices: Choice[] = (["approve", "decline"] as const).flatMap((outcome) =>
    (["once", "twice", "none", "reversed"] as const).map((webhook) => ({ outcome, webhook })),
  );
  const crashes = await Crashes.begin(choices, program, async () => {
    await program.start();
  });
  for (let round = 1; round <= 2; round++) await crashes.round(round);
  const secrets = JSON.parse(readFileSync(join(program.dataDir, "secrets.json"), "utf8"));
  const provider = sandboxProvider({
    baseUrl: present(program.server.sandboxUrl, "a sandbox beside"),
    apiKey: secrets.paymentApiKey,
    webhookSecret: secrets.paymentWebhookSecret,
    merchant: "pigonair",
    clock: systemClock(),
  });
  await crashes.settles(provider);
});
