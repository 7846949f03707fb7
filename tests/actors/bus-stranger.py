"""A caller in another language: it has the address of PigonAir's document, the address of NATS and passwords, a TCP socket, and nothing
else. It sells a seat, from the seat map to the ticket, and prints what it saw as JSON."""

import json
import os
import socket
import sys
import time
import urllib.request

DOCUMENT = json.load(urllib.request.urlopen(sys.argv[1] + "/asyncapi/json"))
CHANNELS = DOCUMENT["channels"]
HOST, PORT = sys.argv[2].split(":")
FLIGHT = sys.argv[3]
MEMBER = "0197f0c2-aaaa-7aaa-bbbb-00000000cafe"


def shard_of(flight_id):
    """FNV-1a, as the document describes the parameter."""
    value = 2166136261
    for byte in flight_id.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value % 256


def address(channel, caller):
    """The channel's address with its parameters filled in."""
    text = CHANNELS[channel]["address"]
    for name, value in {"shard": str(shard_of(FLIGHT)), "flightId": FLIGHT, "caller": caller}.items():
        if name in CHANNELS[channel]["parameters"]:
            text = text.replace("{" + name + "}", value)
    assert "{" not in text, text
    return text


class Nats:
    def __init__(self, user, caller):
        self.caller = caller
        self.inbox = f"_INBOX.{caller}.{os.getpid()}"
        self.socket = socket.create_connection((HOST, int(PORT)), timeout=5)
        self.file = self.socket.makefile("rb")
        assert self.file.readline().startswith(b"INFO ")
        login = {"user": user, "pass": os.environ[user.upper() + "_PASSWORD"], "verbose": False, "headers": True, "no_responders": True}
        self.write("CONNECT " + json.dumps(login) + "\r\n")
        self.write(f"SUB {self.inbox}.* 1\r\nSUB {address('seats', caller)} 2\r\n" if caller == "internal-desk" else f"SUB {self.inbox}.* 1\r\n")
        self.requests = 0
        self.deltas = []
        self.refusals = []

    def write(self, text):
        self.socket.sendall(text.encode())

    def publish(self, subject, payload, headers=None):
        self.requests += 1
        reply = f"{self.inbox}.{self.requests}"
        body = json.dumps(payload).encode()
        head = b""
        if headers is not None:
            head = ("NATS/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n").encode()
            line = f"HPUB {subject} {reply} {len(head)} {len(head) + len(body)}\r\n"
        else:
            line = f"PUB {subject} {reply} {len(body)}\r\n"
        self.socket.sendall(line.encode() + head + body + b"\r\n")
        return reply

    def receive(self):
        """The next message of the inbox; deltas, refusals and pings are seen to on the way."""
        while True:
            line = self.file.readline().decode().strip()
            words = line.split(" ")
            if words[0] == "PING":
                self.write("PONG\r\n")
            elif words[0] == "PONG":
                return None
            elif words[0] == "-ERR":
                self.refusals.append(line)
            elif words[0] in ("MSG", "HMSG"):
                data = self.file.read(int(words[-1]) + 2)[:-2]
                if words[0] == "HMSG":
                    data = data[int(words[-2]):]
                message = json.loads(data) if data else None
                if words[2] == "1":
                    return message
                self.deltas.append(message)

    def flush(self):
        """Until the server has answered all that was sent before."""
        self.write("PING\r\n")
        while self.receive() is not None:
            pass

    def ask(self, op, args, member=None, key=None, left_ms=10_000):
        request = CHANNELS[op]["messages"]["request"]
        known = {"Idempotency-Key": key, "Deadline-Ms": str(int(time.time() * 1000) + left_ms)}
        headers = {name: known[name] for name in request["headers"]["properties"] if known[name] is not None}
        assert all(name in headers for name in request["headers"]["required"]), "the document names what is needed"
        body = {"args": args} if member is None else {"member": member, "args": args}
        self.publish(address(op, self.caller), body, headers)
        return self.receive()

    def batch(self, commands):
        self.publish(address("batch", self.caller), {"commands": commands})
        answers = []
        while not any(answer.get("last") for answer in answers):
            answers += self.receive()["answers"]
        return answers


def passenger(seat):
    example = CHANNELS["hold"]["messages"]["request"]["examples"][0]["payload"]["args"]["passengers"][0]
    return {"passengers": [{**example, "seat": seat}]}


desk = Nats("internal", "internal-desk")
seats = desk.ask("seat-map", {})["result"]["seatMap"]["seats"]
free = [seat["seat"] for seat in seats if seat["state"] == "free"]

held = desk.ask("hold", passenger(free[0]), MEMBER, "stranger-1")
again = desk.ask("hold", passenger(free[0]), MEMBER, "stranger-1")
taken = desk.ask("hold", passenger(free[0]), MEMBER, "stranger-2")
wrong = desk.ask("hold", {"passengers": [{"name": "Kim", "seat": "1A"}]}, MEMBER, "stranger-3")
late = desk.ask("hold", passenger(free[3]), MEMBER, "stranger-late", left_ms=-1_000)
reservation = held["result"]["reservation"]

common = {"flightId": FLIGHT, "deadlineMs": int(time.time() * 1000) + 10_000, "member": MEMBER}
batch = desk.batch([
    {**common, "i": 0, "op": "hold", "key": "stranger-4", "args": passenger(free[1])},
    {**common, "i": 1, "op": "hold", "key": "stranger-5", "args": passenger(free[2])},
    {**common, "i": 2, "op": "release", "key": None, "args": {"reservationId": reservation["id"] + "x"}},
])

# Money is not the desk's: the server doesn't let it through, and nobody answers.
settle = {"attempt": "a1", "status": "CAPTURED", "amount": {"amount": 1, "currency": "KRW"}, "ours": True}
desk.publish(address("settle-payment", desk.caller), {"args": settle}, {"Deadline-Ms": "1"})
desk.flush()

# Who may take money takes it.
edge = Nats("edge", "edge")
begun = edge.ask("begin-payment", {"reservationId": reservation["id"]}, MEMBER, "stranger-pay")
payment = begun["result"]["payment"]
workers = Nats("workers", "workers")
settled = workers.ask(
    "settle-payment",
    {"attempt": payment["id"], "status": "CAPTURED", "amount": payment["amount"], "ours": True},
    key="pay:" + payment["id"] + ":CAPTURED",
)
sold = desk.ask("reservation", {"reservationId": reservation["id"]}, MEMBER)

deadline = time.time() + 5
while not any(change["state"] == "sold" for delta in desk.deltas for change in delta["changes"]) and time.time() < deadline:
    desk.flush()

print(json.dumps({
    "held": held, "again": again, "taken": taken, "wrong": wrong, "late": late, "batch": batch, "begun": begun, "settled": settled, "sold": sold,
    "refusals": desk.refusals, "deltas": desk.deltas, "seat": free[0],
}))
