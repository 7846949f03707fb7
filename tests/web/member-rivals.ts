/** Owns what others do meanwhile, through the API: find flights, take seats, and give them back. */

let rivals = 0;

/** Flights of tomorrow between Gimpo and Jeju and of the day after, with one cabin of 189 seats. */
export async function flightsOf(url: string): Promise<readonly string[]> {
  const from = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const answer = await fetch(`${url}/api/v1/flights?origin=GMP&destination=CJU&from=${from}&size=20`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  return items.map(({ id }) => id);
}

/** The aircraft with the most seats that flies tomorrow. */
export async function largeFlight(url: string): Promise<{ readonly id: string; readonly seats: readonly string[] }> {
  const answer = await fetch(`${url}/api/v1/flights?origin=ICN&destination=LAX&size=1`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  const id = items[0]?.id ?? "";
  const map = (await (await fetch(`${url}/api/v1/flights/${id}/seats`)).json()) as { seats: { seat: string }[] };
  return { id, seats: map.seats.map(({ seat }) => seat) };
}

export interface Rival {
  readonly url: string;
  readonly token: string;
}

export async function rivalAt(url: string): Promise<Rival> {
  rivals += 1;
  const credentials = { email: `rival-${Date.now()}-${rivals}@pigonair.example`, password: "a long password" };
  await asked(url, "POST", "/members", null, { ...credentials, name: "Rival" });
  const { accessToken } = await asked<{ accessToken: string }>(url, "POST", "/sessions", null, credentials);
  return { url, token: accessToken };
}

/** @returns the reservation's id */
export async function hold({ url, token }: Rival, flight: string, seat: string): Promise<string> {
  const passengers = [{ name: "Rival", seat }];
  const { id } = await asked<{ id: string }>(url, "POST", `/flights/${flight}/reservations`, token, { passengers });
  return id;
}

export async function giveUp({ url, token }: Rival, reservation: string): Promise<void> {
  await asked(url, "DELETE", `/reservations/${reservation}`, token);
}

export async function takeSeat(url: string, flight: string, seat: string): Promise<void> {
  await hold(await rivalAt(url), flight, seat);
}

/** As the operator's console does it. */
export async function openRoom(
  url: string,
  operator: { readonly email: string; readonly password: string },
  flight: string,
  room: object,
): Promise<void> {
  const { accessToken } = await asked<{ accessToken: string }>(url, "POST", "/sessions", null, operator);
  await asked(url, "PUT", `/admin/flights/${flight}/waiting-room`, accessToken, room);
}

async function asked<Answer>(
  url: string,
  method: string,
  path: string,
  token: string | null,
  body?: object,
): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
