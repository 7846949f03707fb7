/** Goal: while everybody sells, what the tables say that the journals don't is found and named by a metric, and forgotten when it is mended. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { SqlCheckups } from "../../db/doctor/checkup.ts";
import { journalOn } from "../../db/stores/journal.ts";
import { JournalTailStore } from "../../db/stores/journal-tail.ts";
import { AGAIN_MS_MIN, LightDoctor } from "../../queue/doctor/light-doctor.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { DecidingFlight, givenBatch } from "../support/given-batches.ts";
import { type GivenDatabase, overDatabases, ownAllShards } from "../support/given-database.ts";
import { publishPlan } from "../support/given-host.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { until } from "../support/until.ts";

const FLIGHT = "PG-0001-20300131-ICN";

overDatabases("the light check", (fresh) => {
  let given: GivenDatabase;
  let flight: DecidingFlight;
  let telemetry: RecordingTelemetry;
  let clock: FakeClock;
  let doctor: LightDoctor;
  let newDoctor: () => LightDoctor;
  let commit: () => Promise<void>;

  beforeEach(async () => {
    given = await fresh();
    const incarnation = Bun.randomUUIDv7();
    const ownership = await ownAllShards(given.db, incarnation);
    const journal = journalOn(given.db);
    flight = new DecidingFlight(FLIGHT);
    await publishPlan(given.db, flight.plan);
    commit = async () => {
      const outcome = await journal.commit(givenBatch(incarnation, ownership, [flight.write()]), false);
      expect(outcome).toEqual({ kind: "committed" });
    };
    const payment = flight.beginPayment(flight.hold(["1A", "1B"]));
    flight.hold(["2A"]);
    await commit();
    flight.capture(payment);
    await commit();
    telemetry = new RecordingTelemetry();
    clock = new FakeClock();
    newDoctor = () =>
      new LightDoctor({
        checkups: new SqlCheckups(given.db.read),
        tail: new JournalTailStore(given.db),
        clock,
        telemetry,
      });
    doctor = newDoctor();
  });
  afterEach(async () => {
    await doctor.stop();
    await given.remove();
  });

  const checked = (outcome: string): number => telemetry.count(`pigonair_doctor_checks_total{outcome=${outcome}}`);

  /** Lets time pass until so many flights were looked at. */
  async function look(outcome: string, times: number): Promise<void> {
    await until(() => {
      clock.advance(500);
      return checked(outcome) >= times;
    }, `${times} checks that end with ${outcome}`);
  }

  test("finds a flight sound that has sold, and looks again only when something has changed", async () => {
    doctor.start();
    await look("clean", 1);
    // The cursor moves after the check.
    const cursors = async () =>
      await given.db.read.selectFrom("cursor").selectAll().where("consumer", "=", "doctor").execute();
    await until(async () => (await cursors()).length === 1, "the cursor");
    const seen = await cursors();
    expect(seen.map(({ flight_id, version }) => [flight_id, Number(version)])).toEqual([[FLIGHT, 2]]);
    // A sweep that began before the cursor moved may have found the flight once more.
    await until(() => {
      clock.advance(1_000);
      return doctor.lag().flights === 0;
    }, "nothing waits");
    const checks = checked("clean");
    for (let second = 0; second < 60; second++) {
      clock.advance(1_000);
      await Bun.sleep(0);
    }
    expect(checked("clean")).toBe(checks);
    flight.hold(["3A"]);
    await commit();
    await look("clean", checks + 1);
    expect(telemetry.read("pigonair_doctor_findings")).toBe(0);
  });

  test("names what differs without telling what stands there, and forgets it once it is mended", async () => {
    const [claim] = await given.db.read.selectFrom("seat_claim").selectAll().where("seat", "=", "1A").execute();
    await given.db.write.deleteFrom("seat_claim").where("seat", "=", "1A").execute();
    await given.db.write.updateTable("payment").set({ checkout_url: "https://pay.example/secret" }).execute();
    doctor.start();
    await look("findings", 1);
    expect(telemetry.read("pigonair_doctor_findings")).toBe(2);
    expect(telemetry.messages).toEqual(["a flight is not what its journal says"]);
    const said = telemetry.lines.join();
    expect(said).toContain("seat_claim 1A");
    expect(said).toContain("checkout_url");
    expect(said).not.toContain("secret");

    if (claim !== undefined) await given.db.write.insertInto("seat_claim").values(claim).execute();
    await given.db.write.updateTable("payment").set({ checkout_url: null }).execute();
    clock.advance(AGAIN_MS_MIN);
    await look("clean", 1);
    expect(telemetry.read("pigonair_doctor_findings")).toBe(0);
    expect(telemetry.messages.at(-1)).toBe("a flight is sound again");
  });

  test("names it again in whoever checks next, until it is mended", async () => {
    const [claim] = await given.db.read.selectFrom("seat_claim").selectAll().where("seat", "=", "1A").execute();
    await given.db.write.deleteFrom("seat_claim").where("seat", "=", "1A").execute();
    doctor.start();
    await look("findings", 1);
    await doctor.stop();
    doctor = newDoctor();
    doctor.start();
    await look("findings", 2);
    expect(telemetry.read("pigonair_doctor_findings")).toBe(1);
    // It is no work that anybody is behind with.
    clock.advance(AGAIN_MS_MIN / 2);
    await until(() => doctor.lag().flights === 0, "nothing waits");

    if (claim !== undefined) await given.db.write.insertInto("seat_claim").values(claim).execute();
    clock.advance(AGAIN_MS_MIN);
    await look("clean", 1);
    await doctor.stop();
    doctor = newDoctor();
    doctor.start();
    for (let second = 0; second < 60; second++) {
      clock.advance(1_000);
      await Bun.sleep(0);
    }
    expect(checked("findings") + checked("clean")).toBe(3);
  });
});
