/** Goal: however sweeps, turns and cursors come between each other, no cursor goes back: what was handled would be handled again. */

import { expect, test } from "bun:test";
import type { TailEntry } from "../../actors/journal.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import type { JournalTail, Sweep, TailPage } from "../../queue/relay/journal-tail.ts";
import { Relay, SWEEP_INTERVAL_MS } from "../../queue/relay/relay.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { until } from "../support/until.ts";

/** Journals of which every flight has one entry of interest, and its version. */
class OneEntryEach implements JournalTail {
  readonly cursors = new Map<string, number>();
  /** Every cursor that was set, in order. */
  readonly moved: string[] = [];
  /** Called while a cursor is being set: the same rounds go on with whatever is woken then. */
  moving: (flightId: string) => void = () => {};
  readonly sweeps: PromiseWithResolvers<Sweep>[] = [];
  readonly #versions: Readonly<Record<string, number>>;

  constructor(versions: Readonly<Record<string, number>>) {
    this.#versions = versions;
  }

  sweep(): Promise<Sweep> {
    const sweep = Promise.withResolvers<Sweep>();
    this.sweeps.push(sweep);
    return sweep.promise;
  }

  async read(_: string, flights: readonly string[]) {
    return new Map(flights.map((flightId) => [flightId, this.#page(flightId)]));
  }

  #page(flightId: string): TailPage {
    const version = this.#versions[flightId] ?? 0;
    if (version <= (this.cursors.get(flightId) ?? 0)) return { entries: () => [], upTo: 0, isEnd: true };
    const entry: TailEntry = { version, entry: { schema: 1, turns: [] } };
    return { entries: () => [entry], upTo: version, isEnd: true };
  }

  async advance(_: string, moves: readonly { readonly flightId: string; readonly version: number }[]) {
    for (const { flightId, version } of moves) {
      this.cursors.set(flightId, version);
      this.moved.push(`${flightId}:${version}`);
      this.moving(flightId);
    }
  }
}

test("what an earlier sweep passed over moves no cursor back once the next one has begun", async () => {
  const tail = new OneEntryEach({ FIRST: 1, PASSED: 2, LAST: 1, END: 1 });
  const clock = new FakeClock();
  const lasting = new Map(["FIRST", "LAST"].map((flightId) => [flightId, Promise.withResolvers<void>()]));
  const begun = new Set<string>();
  const relay = new Relay({
    consumer: "mail",
    interests: ["ticketed"],
    async handle(flightId) {
      begun.add(flightId);
      await lasting.get(flightId)?.promise;
    },
    tail,
    clock,
    entropy: systemEntropy(),
    telemetry: new RecordingTelemetry(),
  });
  relay.start();
  relay.wake("FIRST");
  await until(() => begun.has("FIRST"), "a turn that lasts while the sweep answers");
  tail.sweeps[0]?.resolve({ behind: [], passed: [{ flightId: "PASSED", version: 1 }], next: null });
  await until(() => clock.pending === 1, "the end of the sweep");
  // Meanwhile that flight goes on, and is handled in the same rounds.
  tail.moving = (flightId) => {
    if (flightId === "PASSED") relay.wake("LAST");
  };
  relay.wake("PASSED");
  lasting.get("FIRST")?.resolve();
  await until(() => begun.has("LAST"), "another turn that lasts, after its cursor is set");
  clock.advance(SWEEP_INTERVAL_MS);
  await until(() => tail.sweeps.length === 2, "the second sweep");
  lasting.get("LAST")?.resolve();
  await until(() => tail.cursors.get("LAST") === 1, "the end of the rounds");
  relay.wake("END");
  await until(() => tail.cursors.get("END") === 1, "further rounds");
  expect(tail.moved).toEqual(["FIRST:1", "PASSED:2", "LAST:1", "END:1"]);
  tail.sweeps[1]?.resolve({ behind: [], passed: [], next: null });
  await relay.stop();
});
