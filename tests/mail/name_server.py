"""A small name server on this machine: it knows the texts (TXT) it is told, and nothing else."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset


@contextmanager
def name_server(texts: Mapping[str, list[str]], *, silent: bool = False) -> Iterator[str]:
    """Its address, such as `127.0.0.1:5353`, for as long as the block lasts. A silent one hears and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    wire, sender = door.recvfrom(4096)
                except TimeoutError:
                    continue
                if not silent:
                    door.sendto(_answer(dns.message.from_wire(wire), texts).to_wire(), sender)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


def _answer(question: dns.message.Message, texts: Mapping[str, list[str]]) -> dns.message.Message:
    answer = dns.message.make_response(question)
    name = question.question[0].name
    known = texts.get(name.to_text(omit_final_dot=True).lower())
    if known is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    for text in known or []:
        pieces = " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", pieces))
    return answer
