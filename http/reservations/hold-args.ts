/** Owns what a member must say of passengers before a flight is asked to hold seats for them. */

import type { HoldArgs, HoldPassenger } from "../../actors/domain/command.ts";
import { checkPassengers } from "../../actors/domain/decide/hold.ts";
import { VISIBLE } from "../../actors/text-forms.ts";
import { invalidField } from "../plugins/invalid-field.ts";
import type { PersonOf } from "./person.ts";
import type { HoldBody } from "./schemas.ts";

/** Where the day begins first: UTC+14. Somebody born there today is born. */
const EARLIEST_DAY_AHEAD_MS = 14 * 3_600_000;

/** @throws Problem 400 VALIDATION that names the field */
export function holdArgs({ passengers, prefer }: HoldBody, nowMs: number, personOf: PersonOf): HoldArgs {
  const checked = passengers.map((passenger, ordinal): HoldPassenger => {
    const { name, type = "ADT", seat, birthDate } = passenger;
    if (!VISIBLE.test(name)) throw invalidField(`passengers[${ordinal}].name`, "A passenger has a name.");
    const seated = seat === undefined ? { name, type } : { name, type, seat };
    if (birthDate === undefined) return seated;
    if (Date.parse(birthDate) > nowMs + EARLIEST_DAY_AHEAD_MS) {
      throw invalidField(`passengers[${ordinal}].birthDate`, "A birth date is not in the future.");
    }
    return { ...seated, birthDate, person: personOf(name, birthDate) };
  });
  const malformed = checkPassengers(checked);
  if (malformed !== null) throw invalidField(malformed.field, malformed.detail);
  return prefer === undefined ? { passengers: checked } : { passengers: checked, prefer };
}
