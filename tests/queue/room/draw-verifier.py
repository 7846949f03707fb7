"""The verifier of a stranger: written from the section on the draw in ARCHITECTURE.md alone, sharing nothing with the program.

usage: python3 draw-verifier.py FILE [FLIGHT EPOCH SEQ MEMBER]
Prints what is wrong, or "right" and the ranks in the order of the places. Exit code 0 when all is right, 1 otherwise.
"""

import hashlib
import struct
import sys

NAMES = ["flight", "epoch", "tickets", "seed-hash", "seed", "root", "beacon", "beacon-value", "final"]


def sha(data):
    return hashlib.sha256(data).digest()


def fail(what):
    print("wrong: " + what)
    sys.exit(1)


def merkle(leaves):
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha(b"\x01" + merkle(leaves[:k]) + merkle(leaves[k:]))


def ranks(n, final):
    if n == 1:
        return [1]
    b = 4
    while 4**b < n:
        b += 1
    size = 2**b
    table = []
    for r in range(10):
        row = []
        for x in range(size):
            digest = sha(b"pigonair-draw-rank-v1\n" + final + bytes([r]) + struct.pack(">I", x))
            row.append(struct.unpack(">I", digest[:4])[0] % size)
        table.append(row)

    def permuted(v):
        left, right = v // size, v % size
        for r in range(10):
            left, right = right, left ^ table[r][right]
        return left * size + right

    result = []
    for seq in range(1, n + 1):
        v = permuted(seq - 1)
        while v >= n:
            v = permuted(v)
        result.append(v + 1)
    return result


def main(path, ticket):
    lines = open(path, encoding="ascii").read().split("\n")
    if lines.pop() != "" or lines[-1] != "end":
        fail("no end")
    if lines[0] != "pigonair-draw 1":
        fail("no draw")
    head = {}
    for name, line in zip(NAMES, lines[1:]):
        if not line.startswith(name + ": "):
            fail("header " + name)
        head[name] = line[len(name) + 2 :]
    if lines[len(NAMES) + 1] != "":
        fail("no empty line")
    places = [line.split(" ") for line in lines[len(NAMES) + 2 : -1]]

    n = int(head["tickets"])
    seed, root, final = (bytes.fromhex(head[name]) for name in ("seed", "root", "final"))
    beacon = b"" if head["beacon-value"] == "none" else bytes.fromhex(head["beacon-value"])
    if sha(seed).hex() != head["seed-hash"]:
        fail("seed")
    if sha(seed + root + beacon) != final:
        fail("final")
    if [int(seq) for seq, _, _ in places] != list(range(1, n + 1)):
        fail("places")
    if sha(b"\x02" + struct.pack(">Q", n) + merkle([bytes.fromhex(leaf) for _, _, leaf in places])) != root:
        fail("root")
    expected = ranks(n, final) if n > 0 else []
    if sorted(expected) != list(range(1, n + 1)):
        fail("no permutation")
    if [int(rank) for _, rank, _ in places] != expected:
        fail("ranks")
    if ticket:
        flight, epoch, seq, member = ticket
        text = "\n".join(["pigonair-draw-leaf-v1", flight, epoch, seq, member])
        if sha(b"\x00" + text.encode("ascii")).hex() != places[int(seq) - 1][2]:
            fail("ticket")
    print("right")
    print(" ".join(str(rank) for rank in expected))


main(sys.argv[1], sys.argv[2:])
