/** Owns how the waiting room looks in each of its stages, as HTML: what the server writes and what the script renews are the same. */

import { formatDate, formatMoment, formatNumber, localDate } from "../i18n/format.ts";
import { RELOAD_S, type RoomFacts, type RoomPage, type Stage } from "./facts.ts";
import { countdownText, oddsText, waitText } from "./texts.ts";
import { filled, type RoomWords } from "./words.ts";

/** What the door gives at most, said beforehand: a pass says its own time later. */
const PASS_MINUTES = 10;

/** The content of `main`. */
export function roomHtml(facts: RoomFacts, page: RoomPage): string {
  const { words } = page;
  return [
    troubleHtml(facts, words),
    `<section class="card ${facts.stage}" aria-labelledby="stage">`,
    heroHtml(facts, page),
    "</section>",
    notesHtml(facts, page),
  ].join("");
}

/** What stands in the browser's tab. */
export function titleOf(facts: RoomFacts, { words, language }: RoomPage): string {
  const { stage, place, opensInMs } = facts;
  if (stage === "turn" || stage === "call") return `● ${words.turn}`;
  if (stage === "line" && place !== null) return `${formatNumber(language, place)} · ${words.title}`;
  if (stage === "prequeue" && opensInMs !== null) return `${countdownText(opensInMs, words)} · ${words.title}`;
  return words.title;
}

/** What is said aloud when the stage changes. */
export function spoken(facts: RoomFacts, { words, language }: RoomPage): string {
  const [heading, text] = headings(facts, words);
  if (facts.stage === "line" && facts.place !== null) {
    const wait = facts.wait === null ? "" : ` ${words.wait}: ${waitText(facts.wait, words)}.`;
    return `${words.place}: ${formatNumber(language, facts.place)}.${wait}`;
  }
  return `${heading}. ${text}`;
}

function heroHtml(facts: RoomFacts, page: RoomPage): string {
  const { words } = page;
  const [heading, text] = headings(facts, words);
  switch (facts.stage) {
    case "line":
      return `<h1 id="stage" class="label">${heading}</h1>${lineHtml(facts, page)}`;
    case "prequeue":
      return `<h1 id="stage" class="label">${heading}</h1>${prequeueHtml(facts, page)}`;
    case "turn": {
      const ends = facts.passEndsInMs === null ? "" : countdownText(facts.passEndsInMs, words);
      return (
        `<h1 id="stage">${heading}</h1><p>${text}</p>${button(page.seatsPath, words.choose)}` +
        (ends === "" ? "" : `<p class="soft">${filled(words.turnEnds, { time: `<b>${ends}</b>` })}</p>`)
      );
    }
    case "call":
      return `<h1 id="stage">${heading}</h1><p>${text}</p><button type="button" class="button" data-do="enter">${words.enter}</button>`;
    case "paused":
    case "sold-out": {
      // Nobody knows how long this lasts.
      const still = { ...facts, wait: null, seatsLeft: null };
      return `<h1 id="stage">${heading}</h1><p>${text}</p>${facts.place === null ? "" : factsHtml(still, page)}`;
    }
    case "log-in":
      return `<h1 id="stage">${heading}</h1><p>${text}</p>${button(page.logInPath, words.logIn)}`;
    case "off":
      return `<h1 id="stage">${heading}</h1><p>${text}</p>${button(page.seatsPath, words.choose)}`;
    case "expired":
      return `<h1 id="stage">${heading}</h1><p>${text}</p><form method="post"><button class="button" data-do="again">${words.again}</button></form>`;
    case "closed":
    case "refused":
    case "unknown":
      return `<h1 id="stage">${heading}</h1><p>${text}</p>${button("/", words.otherFlights)}`;
    case "joining":
      // For who waits in vain for the script: the button shows itself after a while.
      return (
        `<h1 id="stage">${heading}</h1><p>${text}</p><div class="pulse" aria-hidden="true"></div>` +
        (facts.sound === null
          ? `<form method="post" class="late"><p>${words.joinText}</p><button class="button">${words.join}</button></form>`
          : "")
      );
    case "door":
      return `<h1 id="stage">${heading}</h1><p>${text}</p><div class="pulse" aria-hidden="true"></div>`;
  }
}

function headings(
  { stage, needsScripts, isWorking }: RoomFacts,
  words: RoomWords,
): readonly [heading: string, text: string] {
  const texts: Record<Stage, readonly [string, string]> = {
    joining: [words.joining, isWorking ? words.working : words.joiningText],
    "log-in": [words.logIn, words.logInText],
    prequeue: [words.opens, words.opensText],
    line: [words.place, ""],
    door: [words.door, words.doorText],
    call: [words.call, words.callText],
    turn: [words.turn, words.turnText],
    expired: [words.expired, words.expiredText],
    refused: [words.refused, needsScripts ? words.needsScripts : words.refusedText],
    unknown: [words.unknown, words.unknownText],
    "sold-out": [words.soldOut, words.soldOutText],
    paused: [words.paused, words.pausedText],
    closed: [words.closed, words.closedText],
    off: [words.off, words.offText],
  };
  return texts[stage];
}

function lineHtml(facts: RoomFacts, page: RoomPage): string {
  const { place, admitted } = facts;
  if (place === null) return `<p class="figure">…</p>`;
  return (
    `<p class="figure">${formatNumber(page.language, place)}</p>` +
    `<progress max="${admitted + place}" value="${admitted}" aria-label="${page.words.track}"></progress>` +
    factsHtml(facts, page)
  );
}

function prequeueHtml(facts: RoomFacts, page: RoomPage): string {
  const { words, language } = page;
  const { opensInMs, opensAt, joined, seatsLeft, seedHash } = facts;
  const time = opensInMs === null || opensInMs > 0 ? countdownText(opensInMs ?? 0, words) : words.opening;
  return (
    `<p class="figure" role="timer">${time}</p><p>${words.opensText}</p>` +
    list([
      [words.opensAt, opensAt === null ? null : whenText(opensAt, page)],
      [words.joined, joined === null ? null : formatNumber(language, joined)],
      [words.seatsLeft, seatsLeft === null ? null : formatNumber(language, seatsLeft)],
    ]) +
    (seedHash === null ? "" : `<p class="hash soft">${words.drawHash}<br><code>${escaped(seedHash)}</code></p>`)
  );
}

function factsHtml({ place, wait, seatsLeft }: RoomFacts, { words, language }: RoomPage): string {
  const ahead = place === null ? null : Math.max(0, place - 1);
  return list([
    [words.ahead, ahead === null ? null : ahead === 0 ? words.nobodyAhead : formatNumber(language, ahead)],
    [words.wait, wait === null ? null : waitText(wait, words)],
    [words.seatsLeft, seatsLeft === null ? null : formatNumber(language, seatsLeft)],
    [words.odds, place === null || seatsLeft === null ? null : oddsText(place, seatsLeft, words)],
  ]);
}

/** A pair without a value is left out. */
function list(pairs: readonly (readonly [term: string, value: string | null])[]): string {
  const rows = pairs.flatMap(([term, value]) =>
    value === null ? [] : [`<div><dt>${term}</dt><dd>${value}</dd></div>`],
  );
  return `<dl>${rows.join("")}</dl>`;
}

const KEEPS_PLACE: ReadonlySet<Stage> = new Set(["prequeue", "line", "door", "call", "paused", "sold-out"]);
const WAITS: ReadonlySet<Stage> = new Set(["prequeue", "line", "door", "paused", "sold-out"]);

function notesHtml({ stage, isReturned, isAnew, sound, drawnSeq }: RoomFacts, { words, flightId }: RoomPage): string {
  const notes: string[] = [];
  if (isAnew) notes.push(`<p>${words.anew}</p>`);
  if (KEEPS_PLACE.has(stage))
    notes.push(`<p>${isReturned && !isAnew ? `<b>${words.returned}</b> ` : ""}${words.kept}</p>`);
  if (WAITS.has(stage)) {
    notes.push(`<p>${filled(words.next, { minutes: PASS_MINUTES })}</p>`);
    if (sound !== null) {
      const isOn = sound === "on";
      notes.push(
        `<p class="sound"><button type="button" class="button quiet" data-do="sound" aria-pressed="${isOn}">` +
          `${isOn ? words.soundOn : words.soundOff}</button> <span class="soft">${words.soundHint}</span></p>`,
      );
    } else notes.push(`<p class="soft by-hand">${filled(words.byHand, { seconds: RELOAD_S })}</p>`);
  }
  if (drawnSeq !== null && stage === "line") {
    const proof = `/api/v1/flights/${encodeURIComponent(flightId)}/waiting-room/proof?seq=${drawnSeq}`;
    notes.push(`<p><a href="${escaped(proof)}">${words.draw}</a></p>`);
  }
  return notes.length === 0 ? "" : `<div class="notes">${notes.join("")}</div>`;
}

function troubleHtml({ trouble }: RoomFacts, words: RoomWords): string {
  return trouble === null ? "" : `<p class="trouble">${trouble === "lost" ? words.lost : words.unavailable}</p>`;
}

function button(href: string, text: string): string {
  return `<p><a class="button" href="${escaped(href)}">${text}</a></p>`;
}

function whenText(iso: string, { language }: RoomPage): string {
  return `${formatDate(language, localDate(Date.parse(iso)), "short")} ${formatMoment(language, iso)}`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
