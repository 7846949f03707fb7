/** Owns the dashboard of a sale: the line, who comes in, seats, money. */

import type { Dashboard } from "../grafana/dashboard.ts";
import { perSecond, perSecondOrNone, quantile } from "../grafana/queries.ts";

const HOLDS = 'route="/api/v1/flights/:id/reservations", method="POST"';
const REQUESTS = "pigonair_http_request_duration_seconds";

export const sale: Dashboard = {
  uid: "pigonair-sale",
  title: "PigonAir: sale",
  description: "How the sale goes: the line before it, who comes in, seats that are held and ticketed, money.",
  rows: [
    {
      title: "Now",
      panels: [
        {
          kind: "number",
          title: "Waiting",
          description: "People in line, in all waiting rooms that are on.",
          unit: "short",
          queries: [{ expr: 'max(pigonair_room_people{place="waiting"}) or vector(0)', legend: "waiting" }],
        },
        {
          kind: "number",
          title: "Inside",
          description: "People with a pass who have not left.",
          unit: "short",
          queries: [{ expr: 'max(pigonair_room_people{place="inside"}) or vector(0)', legend: "inside" }],
        },
        {
          kind: "number",
          title: "Tickets",
          description: "Tickets that were issued since the hosts of flights were started.",
          unit: "short",
          queries: [{ expr: "sum(pigonair_tickets_issued_total)", legend: "tickets" }],
        },
        {
          kind: "number",
          title: "Taken",
          description: "Money captured less money given back, in minor units, since the hosts of flights were started.",
          unit: "short",
          queries: [
            {
              expr:
                'sum by (currency) (pigonair_money_minor_units_total{flow="captured"})' +
                ' - (sum by (currency) (pigonair_money_minor_units_total{flow="refunded"})' +
                ' or 0 * sum by (currency) (pigonair_money_minor_units_total{flow="captured"}))',
              legend: "{{currency}}",
            },
          ],
        },
        {
          kind: "number",
          title: "Payments stuck",
          description: "Attempts that are open two minutes after their deadline. Anything but 0 is for a person.",
          unit: "short",
          queries: [{ expr: "max(pigonair_payment_stuck)", legend: "stuck" }],
        },
      ],
    },
    {
      title: "The line",
      panels: [
        {
          kind: "lines",
          title: "People",
          description: "Where they are: in line, at the door with their turn come, or inside with a pass.",
          unit: "short",
          queries: [{ expr: "max by (place) (pigonair_room_people)", legend: "{{place}}" }],
        },
        {
          kind: "lines",
          title: "Admissions",
          description: "Joins and passes a minute, and what the pacer lets in at most.",
          unit: "cpm",
          queries: [
            { expr: `60 * (${perSecondOrNone("pigonair_room_joins_total", 'again="false"')})`, legend: "joins" },
            { expr: `60 * (${perSecondOrNone("pigonair_room_passes_total", 'again="false"')})`, legend: "passes" },
            { expr: "max(pigonair_room_rate_per_minute)", legend: "pacer's rate" },
          ],
        },
        {
          kind: "lines",
          title: "Estimates",
          description:
            "By how much the estimated time of waiting was wrong, for nine of ten; 0 before the first has come true.",
          unit: "s",
          queries: [{ expr: `${quantile(0.9, "pigonair_room_estimate_error_seconds")} or vector(0)`, legend: "90 %" }],
        },
      ],
    },
    {
      title: "Seats",
      panels: [
        {
          kind: "lines",
          title: "Seats held and ticketed",
          description: "A second. Ticketed stays behind held by as long as people take to pay.",
          unit: "ops",
          queries: [
            { expr: perSecond("pigonair_seats_held_total"), legend: "held" },
            { expr: perSecond("pigonair_tickets_issued_total"), legend: "ticketed" },
          ],
        },
        {
          kind: "stack",
          title: "What flights answer",
          description: "By code: OK, and each kind of no. SEAT_TAKEN and SOLD_OUT are the crowd's; OVERLOADED is ours.",
          unit: "ops",
          queries: [{ expr: perSecond("pigonair_flight_outcomes_total", "code"), legend: "{{code}}" }],
        },
        {
          kind: "lines",
          title: "A hold takes",
          description: "From the request's head to its answer, at the edges.",
          unit: "s",
          queries: [
            { expr: quantile(0.5, REQUESTS, "", HOLDS), legend: "50 %" },
            { expr: quantile(0.99, REQUESTS, "", HOLDS), legend: "99 %" },
          ],
        },
      ],
    },
    {
      title: "Money",
      panels: [
        {
          kind: "lines",
          title: "Money",
          description: "Captured and given back, minor units a second.",
          unit: "short",
          queries: [
            { expr: perSecond("pigonair_money_minor_units_total", "flow, currency"), legend: "{{flow}} {{currency}}" },
          ],
        },
        {
          kind: "lines",
          title: "Looks at the provider",
          description: "By what they led to. A webhook is only a hint to look.",
          unit: "ops",
          queries: [{ expr: perSecond("pigonair_payment_looks_total", "outcome"), legend: "{{outcome}}" }],
        },
        {
          kind: "lines",
          title: "What happens to reservations",
          description: "Committed events by type.",
          unit: "ops",
          queries: [{ expr: perSecond("pigonair_events_total", "type"), legend: "{{type}}" }],
        },
        {
          kind: "lines",
          title: "Mails",
          description: "By kind and by what became of them.",
          unit: "ops",
          queries: [{ expr: perSecond("pigonair_mails_total", "kind, outcome"), legend: "{{kind}} {{outcome}}" }],
        },
      ],
    },
  ],
};
