/** Owns what stands for Redis: the rooms that all processes share, the ways to it, and that it may be away or lose everything. */

import { OperationalError } from "../../../actors/errors.ts";
import { MemoryRoomStore } from "../../../queue/room/memory/memory-room-store.ts";
import type { RoomStore } from "../../../queue/room/room-store.ts";
import type { RoomChecks } from "../checks/room-checks.ts";
import type { Machine } from "../cluster/machine.ts";
import type { EventLoop } from "../world/event-loop.ts";
import type { Trace } from "../world/trace.ts";

/** How long a process waits for an answer, in milliseconds. */
const ANSWER_MS_MAX = 1_000;

export class RoomServer {
  readonly #loop: EventLoop;
  readonly #trace: Trace;
  readonly #checks: RoomChecks;
  #store = new MemoryRoomStore();
  isDown = false;
  /** A process is about to decide who is let in: for whoever wants to disturb it. */
  onRaise: (process: string) => void = () => {};

  constructor(loop: EventLoop, trace: Trace, checks: RoomChecks) {
    this.#loop = loop;
    this.#trace = trace;
    this.#checks = checks;
  }

  crash(): void {
    this.isDown = true;
  }

  rise(): void {
    this.isDown = false;
  }

  /** As after a restart of a server that keeps nothing on disk. */
  lose(): void {
    this.#store = new MemoryRoomStore();
    this.#checks.lost();
  }

  /** The store as a process reaches it. */
  storeFor(machine: Machine): RoomStore {
    const call = <T>(what: string, work: (store: RoomStore) => Promise<T>): Promise<T> =>
      this.#call(machine, what, work);
    const checks = this.#checks;
    return {
      restore: (room, remains, nowMs) =>
        call("restore", async (store) => {
          const isNew = (await store.glance(room, 0, nowMs)) === null;
          await store.restore(room, remains, nowMs);
          if (isNew) checks.restored(room, remains, nowMs);
        }),
      join: (room, asks, seqKnown, ceiling) =>
        call("join", async (store) => checks.joined(room, asks, await store.join(room, asks, seqKnown, ceiling))),
      door: (room, ask, rules, nowMs) =>
        call("door", async (store) => {
          checks.tick(room, nowMs);
          return checks.asked(room, ask, rules, await store.door(room, ask, rules, nowMs));
        }),
      end: (room, member, pass, nowMs) =>
        call("end", async (store) => {
          checks.tick(room, nowMs);
          return checks.ended(room, member, pass, await store.end(room, member, pass, nowMs));
        }),
      takeBack: (room, ask, nowMs) =>
        call("take back", async (store) => {
          checks.tick(room, nowMs);
          return checks.tookBack(room, ask, await store.takeBack(room, ask, nowMs));
        }),
      raise: (room, fence, raise, nowMs) =>
        call("raise", async (store) => {
          checks.tick(room, nowMs);
          return checks.raised(room, fence, raise, await store.raise(room, fence, raise, nowMs));
        }),
      glance: (room, cursor, nowMs) =>
        call("glance", async (store) => {
          checks.tick(room, nowMs);
          return checks.glanced(room, await store.glance(room, cursor, nowMs));
        }),
      freeze: (room) => call("freeze", (store) => store.freeze(room)),
      places: (room, cursor) => call("places", (store) => store.places(room, cursor)),
      journal: (room, limit) => call("journal", (store) => store.journal(room, limit)),
      lease: (holder, ttlMs, nowMs) =>
        call("lease", async (store) => checks.leased(holder, ttlMs, nowMs, await store.lease(holder, ttlMs, nowMs))),
      release: (holder) =>
        call("release", async (store) => {
          await store.release(holder);
          checks.released(holder);
        }),
      forget: (room) => call("forget", (store) => store.forget(room)),
    };
  }

  /** There and back; what is lost on the way back was done all the same. */
  #call<T>({ process, roomLink }: Machine, what: string, work: (store: RoomStore) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = (why: string): void => reject(new OperationalError("UNAVAILABLE", `the rooms are away: ${why}`));
    const timer = process.clock.after(ANSWER_MS_MAX, () => {
      this.#trace.note(process.name, () => `has no answer from the rooms to ${what}`);
      fail("no answer");
    });
    const back = (call: () => void): void => {
      this.#loop.after(roomLink.delayMs(), () =>
        roomLink.arrive(() =>
          process.receive(() => {
            timer.cancel();
            call();
          }),
        ),
      );
    };
    this.#loop.after(roomLink.delayMs(), () =>
      roomLink.arrive(() => {
        if (this.isDown) {
          back(() => fail("refused"));
          return;
        }
        work(this.#store).then(
          (value) => back(() => resolve(value)),
          (cause: unknown) => back(() => reject(cause)),
        );
      }),
    );
    if (what === "raise") this.onRaise(process.name);
    return promise;
  }
}
