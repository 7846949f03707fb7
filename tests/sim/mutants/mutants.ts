/** Owns the list of all mutants, each of which the simulator must find. */

import { OF_COMMITS } from "./commits.ts";
import { OF_FLIGHTS } from "./flights.ts";
import { OF_HOSTS } from "./hosts.ts";
import { OF_MONEY } from "./money.ts";
import type { Mutant } from "./mutant.ts";
import { OF_ROOMS } from "./rooms.ts";

export const MUTANTS: readonly Mutant[] = [...OF_COMMITS, ...OF_HOSTS, ...OF_FLIGHTS, ...OF_MONEY, ...OF_ROOMS];
