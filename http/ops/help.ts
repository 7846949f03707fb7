/** Owns what the program says of its commands, and the name that it has there: a compiled one is called by its own. */

import { EMBEDDED } from "../web/assets/embedded.ts";

/** Words for a terminal, with the program named as whoever reads them started it. */
export function asInvoked(words: string): string {
  return EMBEDDED === null ? words : words.replaceAll("bun main.ts", "pigonair");
}

/** @param settings what there is to set, as lines */
export function help(settings: string): string {
  return `PigonAir: ticketing for the minute when everybody comes at once.

  bun main.ts                                  serve
  bun main.ts import FILE.ssim [--start DATE]  add the flights of an IATA SSIM timetable; a server may run meanwhile
  bun main.ts doctor [--rebuild]               compare everything with the journals; make the projections anew
  bun main.ts verify-draw FILE [--ticket …]    check a waiting room's draw from public data alone
  bun main.ts health [--ready]                 ask the server that runs with these settings how it is
  bun main.ts --help                           this

Settings, from the environment:
${settings}`;
}
