// Goal: rooms are looked at once a second, whatever happens to the bus meanwhile.

import { expect, test } from "bun:test";
import type { Unsubscribe } from "../../../actors/bus/bus.ts";
import { InProcessBus } from "../../../actors/bus/in-process.ts";
import type { Subject, Subjects } from "../../../actors/bus/subjects.ts";
import { silent } from "../../../actors/telemetry.ts";
import { MemoryRoomStore } from "../../../queue/room/memory/memory-room-store.ts";
import type { RoomBook } from "../../../queue/room/room-book.ts";
import { Rooms, TICK_MS } from "../../../queue/room/rooms.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** A bus that is lost for a moment whenever a test says so. */
class FlickeringBus extends InProcessBus {
  flicker = (): void => {};

  override subscribe<T>(subject: Subject<T> | Subjects<T>, hear: (message: T) => void, missed = () => {}): Unsubscribe {
    this.flicker = missed;
    return super.subscribe(subject, hear);
  }
}

test("a bus that was lost while rooms were first read makes nobody look more often for ever", async () => {
  const clock = new FakeClock();
  const bus = new FlickeringBus();
  let looks = 0;
  const book: Pick<RoomBook, "rooms"> = {
    async rooms() {
      looks += 1;
      if (looks === 2) {
        bus.flicker();
        clock.advance(0);
      }
      return [];
    },
  };
  const rooms = new Rooms({
    book: book as RoomBook,
    store: new MemoryRoomStore(),
    bus,
    clock,
    telemetry: silent,
  });
  await rooms.start();
  const before = looks;
  for (let second = 0; second < 10; second++) {
    clock.advance(TICK_MS);
    await new Promise(setImmediate);
  }
  expect(looks - before).toBe(10);
  await rooms.stop();
  expect(clock.pending).toBe(0);
});
