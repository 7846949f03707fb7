/** Owns the forms that text has wherever it comes in, over HTTP or over the bus: patterns, anchored at both ends. */

/** Anything but control characters and halves of surrogate pairs, which not every database keeps as they are. */
export const LINE_OF_TEXT = "^(?:[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])*$";

/** Found in a text of which something is seen: Unicode shows nothing of its fillers, joiners and selectors, some of which count as letters. */
export const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

const MONTH_DAY =
  "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))";
const LEAP_YEAR = "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";

/** A day that the calendar has, as `YYYY-MM-DD`. */
export const CALENDAR_DATE = `^(?:\\d{4}-${MONTH_DAY}|${LEAP_YEAR}-02-29)$`;

/** An address of the web, as it is written out; no longer than what is kept of it. */
export const WEB_ADDRESS = "^https?://[!-~]{1,2000}$";
