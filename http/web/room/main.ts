/** Owns the waiting room's page in a browser: keeps true what the server has written, and calls its reader when it is their turn. */

import "./room.css";
import { every } from "../browser/device.ts";
import { allowSound, canSound, forbidSound, isSoundAllowed, ring } from "./chime.ts";
import { RoomDesk } from "./desk.ts";
import { PAGE_DATA_ID, type RoomFacts, type RoomPage } from "./facts.ts";
import { roomHtml, spoken, titleOf } from "./html.ts";
import { KeptTicket } from "./kept-ticket.ts";
import { morph } from "./morph.ts";
import { followStatus } from "./status-line.ts";
import { RoomVisit } from "./visit.ts";

/** A screen reader is told of a line that moves at most so often. */
const SPOKEN_EVERY_S = 30;

const page: RoomPage = JSON.parse(document.getElementById(PAGE_DATA_ID)?.textContent ?? "");
const main = document.querySelector("main");
const voice = document.getElementById("voice");

let shown: RoomFacts | null = null;
let secondsSinceSpoken = 0;

function show(facts: RoomFacts): void {
  if (main === null || voice === null) return;
  const before = shown;
  shown = facts;
  morph(main, roomHtml(facts, page));
  document.title = titleOf(facts, page);
  const isCalled = (each: RoomFacts | null): boolean => each?.stage === "turn" || each?.stage === "call";
  if (isCalled(facts) && !isCalled(before)) call();
  if (facts.stage === before?.stage && secondsSinceSpoken < SPOKEN_EVERY_S) return;
  if (facts.stage === "joining") return;
  secondsSinceSpoken = 0;
  voice.textContent = spoken(facts, page);
}

function call(): void {
  ring();
  navigator.vibrate?.([200, 100, 200]);
}

const desk = new RoomDesk(page.flightId);
const visit = new RoomVisit({
  desk,
  changed: show,
  kept: new KeptTicket(page.flightId),
  isSeen: () => document.visibilityState === "visible",
  stage: page.stage,
  work: async (challenge) => (await import("./work.ts")).workedOut(challenge),
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") visit.seen();
});
document.addEventListener("click", (event) => {
  const { target } = event;
  const button = target instanceof Element ? target.closest<HTMLElement>("[data-do]") : null;
  if (button === null) return;
  // Its form is for pages without a script.
  event.preventDefault();
  if (button.dataset.do === "enter") visit.enter();
  if (button.dataset.do === "again") visit.joinAgain();
  if (button.dataset.do !== "sound") return;
  if (isSoundAllowed()) forbidSound();
  else allowSound();
  visit.sound(isSoundAllowed() ? "on" : "off");
});
every(1_000, () => {
  secondsSinceSpoken += 1;
  visit.tick();
});

visit.sound(canSound() ? "off" : null);
followStatus({ desk, hear: (status) => visit.hear(status), lost: (isLost) => visit.lost(isLost) });
